import { attempt, secretOf, send, write } from '../../api/index.ts'
import { type Command, CommandFailed, defineCommand } from '../../command.ts'
import { connect, connectionFlags } from '../../connection.ts'
import { flag } from '../../flag.ts'
import { expectArgs } from '../../input/index.ts'
import { fieldFlags, formatFlags, printerOf } from '../../output/index.ts'

export const command: Command = defineCommand({
  usage: 'token lookup [options] [TOKEN | ACCESSOR]',
  about: `
Print what is known of a token: the one in use, or the one that is given.

    $ {program} token lookup
    $ {program} token lookup -accessor ACCESSOR
`,
  flags: {
    ...connectionFlags,
    ...fieldFlags,
    ...formatFlags,
    accessor: flag.bool('The argument is an accessor. The token itself is not shown then.'),
  },
  async run(ctx, { flags, args }) {
    const out = printerOf(ctx, flags)
    if (flags.accessor && args.length !== 1) {
      throw new CommandFailed(`${args.length < 1 ? 'Not enough' : 'Too many'} arguments with -accessor (expected 1, got ${args.length})`)
    }
    expectArgs(args, 0, 1, '0-1')
    const client = await connect(ctx, flags)
    const given = (args[0] ?? '').trim()
    const secret = await attempt('Error looking up token', async () => {
      if (given === '') return secretOf(await send(client, { method: 'GET', path: 'auth/token/lookup-self' }))
      if (flags.accessor) return await write(client, 'auth/token/lookup-accessor', { accessor: given }, 'POST')
      return await write(client, 'auth/token/lookup', { token: given }, 'POST')
    })
    if (secret === undefined) throw new CommandFailed('Error looking up token: the server answered nothing', 2)
    return flags.field === undefined ? out.secret(secret) : out.secretField(secret, flags.field)
  },
})
