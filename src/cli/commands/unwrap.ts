import { attempt, keysOf, secretOf, send } from '../api/index.ts'
import { type Command, defineCommand } from '../command.ts'
import { connect, connectionFlags } from '../connection.ts'
import { expectArgs } from '../input/index.ts'
import { fieldFlags, formatFlags, printerOf } from '../output/index.ts'
import { currentToken } from '../token-store.ts'

export const command: Command = defineCommand({
  usage: 'unwrap [options] [TOKEN]',
  about: `
Open a wrapped reply. It can be opened once. Without a token the one in use is
taken for the wrapping token.

    $ {program} unwrap s.wrapped
`,
  flags: { ...connectionFlags, ...fieldFlags, ...formatFlags },
  async run(ctx, { flags, args }) {
    const out = printerOf(ctx, flags)
    expectArgs(args, 0, 1, '0-1')
    const wrapped = (args[0] ?? '').trim()
    const connected = await connect(ctx, flags)
    const own = await currentToken(ctx, connected.address)
    // Whoever has no token is let in by the wrapping token itself; with one, it goes into the body.
    const client = wrapped !== '' && own === undefined ? connected.with({ token: wrapped }) : connected
    const body = wrapped !== '' && own !== undefined && own !== wrapped ? { token: wrapped } : null
    const secret = await attempt('Error unwrapping', async () =>
      secretOf(await send(client, { method: 'PUT', path: 'sys/wrapping/unwrap', body })),
    )
    if (secret === undefined) return out.success('Successfully unwrapped. There was no data in the wrapped secret.')
    if (flags.field !== undefined) return out.secretField(secret, flags.field)
    return keysOf(secret) === undefined ? out.secret(secret) : out.list(secret)
  },
})
