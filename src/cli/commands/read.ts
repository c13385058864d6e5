import { attempt, cleanPath, read, RequestFailed, trimPath } from '../api/index.ts'
import { type Command, CommandFailed, defineCommand } from '../command.ts'
import { connect, connectionFlags } from '../connection.ts'
import { expectArgs, listPairs, pairsOf } from '../input/index.ts'
import { fieldFlags, formatFlags, printerOf } from '../output/index.ts'

export const command: Command = defineCommand({
  usage: 'read [options] PATH [K=V...]',
  about: `
Read whatever lives at a path: a secret, generated credentials, a piece of
configuration. Pairs behind the path are sent as the request's parameters.

    $ {program} read database/creds/readonly

With -format=raw the reply is printed as it came, without being parsed.
`,
  flags: { ...connectionFlags, ...fieldFlags, ...formatFlags },
  async run(ctx, { flags, args }) {
    const out = printerOf(ctx, flags, true)
    expectArgs(args, 1, Number.POSITIVE_INFINITY)
    const client = await connect(ctx, flags)
    const path = trimPath(args[0] as string)
    const query = listPairs(await pairsOf(ctx, args.slice(1), flags))
    if (out.format === 'raw') {
      const answer = await attempt(`Error reading ${path}`, () => client.send({ method: 'GET', path: cleanPath(path), query }))
      if (answer.status >= 400) throw new CommandFailed(`Error reading: ${path}: ${new RequestFailed(answer).message}`, 2)
      out.line(answer.text)
      return 0
    }
    const secret = await attempt(`Error reading ${path}`, () => read(client, path, query))
    if (secret === undefined) throw new CommandFailed(`No value found at ${path}`, 2)
    return flags.field === undefined ? out.secret(secret) : out.secretField(secret, flags.field)
  },
})
