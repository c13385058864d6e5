import { attempt, write } from '../../api/index.ts'
import { type Command, CommandFailed, defineCommand } from '../../command.ts'
import { connect, connectionFlags } from '../../connection.ts'
import { expectArgs } from '../../input/index.ts'
import { formatFlags, printerOf } from '../../output/index.ts'

export const command: Command = defineCommand({
  usage: 'lease lookup [options] ID',
  about: `
Print what is known of a lease.

    $ {program} lease lookup database/creds/readonly/2f6a614c
`,
  flags: { ...connectionFlags, ...formatFlags },
  async run(ctx, { flags, args }) {
    const out = printerOf(ctx, flags)
    if (args.length === 0) throw new CommandFailed('Missing ID!')
    expectArgs(args, 1)
    const client = await connect(ctx, flags)
    const id = (args[0] as string).trim()
    const secret = await attempt(`error looking up lease id ${id}`, () => write(client, 'sys/leases/lookup', { lease_id: id }))
    return secret === undefined ? 0 : out.secret(secret)
  },
})
