import { attempt, write } from '../../api/index.ts'
import { type Command, CommandFailed, defineCommand } from '../../command.ts'
import { connect, connectionFlags } from '../../connection.ts'
import { flag } from '../../flag.ts'
import { expectArgs } from '../../input/index.ts'
import { formatFlags, printerOf } from '../../output/index.ts'
import { wholeSeconds } from '../token/renew.ts'

export const command: Command = defineCommand({
  usage: 'lease renew [options] ID',
  about: `
Extend a lease.

    $ {program} lease renew -increment=1h database/creds/readonly/2f6a614c
`,
  flags: {
    ...connectionFlags,
    ...formatFlags,
    increment: flag.duration('How long it shall last from now on. The server need not grant it.'),
  },
  async run(ctx, { flags, args }) {
    const out = printerOf(ctx, flags)
    if (args.length === 0) throw new CommandFailed('Missing ID!')
    expectArgs(args, 1, 1, '1-2')
    const client = await connect(ctx, flags)
    const id = (args[0] as string).trim()
    const secret = await attempt(`Error renewing ${id}`, () =>
      write(client, 'sys/leases/renew', { increment: wholeSeconds(flags.increment), lease_id: id }),
    )
    return secret === undefined ? 0 : out.secret(secret)
  },
})
