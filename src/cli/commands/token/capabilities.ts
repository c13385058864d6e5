import { attempt, write } from '../../api/index.ts'
import { type Command, CommandFailed, defineCommand } from '../../command.ts'
import { connect, connectionFlags } from '../../connection.ts'
import { expectArgs } from '../../input/index.ts'
import { byBytes, formatFlags, printerOf } from '../../output/index.ts'
import { currentToken } from '../../token-store.ts'

export const command: Command = defineCommand({
  usage: 'token capabilities [options] [TOKEN] PATH',
  about: `
Print what a token may do at a path: the one in use, or the one that is given.

    $ {program} token capabilities secret/data/payments/db
    $ {program} token capabilities TOKEN secret/data/payments/db
`,
  flags: { ...connectionFlags, ...formatFlags },
  async run(ctx, { flags, args }) {
    const out = printerOf(ctx, flags)
    expectArgs(args, 1, 2, '1-2')
    const client = await connect(ctx, flags)
    const own = (await currentToken(ctx, client.address)) ?? ''
    const [token, path] = args.length === 2 ? (args as readonly [string, string]) : [own, args[0] as string]
    const secret = await attempt('Error listing capabilities', () =>
      write(client, token === own ? 'sys/capabilities-self' : 'sys/capabilities', { path, token }, 'POST'),
    )
    const found: unknown = secret?.data?.[path] ?? secret?.data?.['capabilities']
    if (!Array.isArray(found)) throw new CommandFailed('No capabilities found')
    const capabilities = found.map(String)
    return out.data(capabilities, [...capabilities].sort(byBytes).join(', '))
  },
})
