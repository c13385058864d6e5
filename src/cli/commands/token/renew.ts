import { attempt, write } from '../../api/index.ts'
import { type Command, CommandFailed, defineCommand } from '../../command.ts'
import { connect, connectionFlags } from '../../connection.ts'
import { flag } from '../../flag.ts'
import { expectArgs } from '../../input/index.ts'
import { formatFlags, printerOf } from '../../output/index.ts'

/** Less than a second asks for nothing. */
export const wholeSeconds = (span = 0): number => Math.max(0, Math.trunc(span))

export const command: Command = defineCommand({
  usage: 'token renew [options] [TOKEN]',
  about: `
Extend the life of a token: the one in use, or the one that is given.

    $ {program} token renew
    $ {program} token renew -increment=30m TOKEN
`,
  flags: {
    ...connectionFlags,
    ...formatFlags,
    accessor: flag.bool('The argument is an accessor.'),
    increment: flag.duration('How long it shall live from now on. The server need not grant it.', { aliases: ['i'] }),
  },
  async run(ctx, { flags, args }) {
    const out = printerOf(ctx, flags)
    expectArgs(args, 0, 1, '1')
    const client = await connect(ctx, flags)
    const given = (args[0] ?? '').trim()
    const increment = wholeSeconds(flags.increment)
    const secret = await attempt('Error renewing token', async () => {
      if (given === '') return await write(client, 'auth/token/renew-self', { increment })
      if (flags.accessor) return await write(client, 'auth/token/renew-accessor', { accessor: given, increment }, 'POST')
      return await write(client, 'auth/token/renew', { increment, token: given })
    })
    if (secret === undefined) throw new CommandFailed('Error renewing token: the server answered nothing', 2)
    return out.secret(secret)
  },
})
