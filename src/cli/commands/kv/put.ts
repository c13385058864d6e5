import { attempt, RequestFailed, write } from '../../api/index.ts'
import { type Command, CommandFailed, defineCommand } from '../../command.ts'
import { connect, connectionFlags } from '../../connection.ts'
import { flag } from '../../flag.ts'
import { expectArgs, pairsOf } from '../../input/index.ts'
import { fieldFlags, formatFlags, printerOf } from '../../output/index.ts'
import { mountFlags, placeOf } from './place.ts'
import { printVersion } from './written.ts'

export const command: Command = defineCommand({
  usage: 'kv put [options] KEY [DATA]',
  about: `
Write a secret, or a new version of it. What the key held before is replaced as
a whole.

    $ {program} kv put -mount=secret payments/db user=app password=@password
    $ {program} kv put -mount=secret payments/db @db.json

"@file" in place of a value reads it from a file, "-" from stdin; neither leaves
the value in your shell's history.
`,
  flags: {
    ...connectionFlags,
    ...fieldFlags,
    ...formatFlags,
    ...mountFlags,
    cas: flag.int('Write only if this is the current version; 0: only if there is none.', { default: -1 }),
  },
  async run(ctx, { flags, args }) {
    const out = printerOf(ctx, flags)
    expectArgs(args, 1, Number.POSITIVE_INFINITY, '>1')
    if (args.length === 1) throw new CommandFailed('Must supply data')
    const client = await connect(ctx, flags)
    const data = await pairsOf(ctx, args.slice(1), flags)
    const place = await placeOf(client, flags.mount, args[0] as string)
    const path = place.path('data')
    const body = place.v2 ? { data, options: flags.cas > -1 ? { cas: flags.cas } : {} } : data
    const secret = await attempt(`Error writing data to ${path}`, async () => {
      try {
        return await write(client, path, body)
      } catch (thrown) {
        if (thrown instanceof RequestFailed && thrown.secret !== undefined) out.secret(thrown.secret)
        throw thrown
      }
    })
    return printVersion(out, path, secret, flags.field)
  },
})
