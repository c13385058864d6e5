import { attempt, mountPath, send, trimPath } from '../../api/index.ts'
import { type Command, defineCommand } from '../../command.ts'
import { connect, connectionFlags } from '../../connection.ts'
import { expectArgs } from '../../input/index.ts'
import { printerOf } from '../../output/index.ts'

export const command: Command = defineCommand({
  usage: 'auth disable [options] PATH',
  about: `
Unmount an auth method. Its roles and users are deleted, and every token it gave
is revoked. The argument is its path, not its type.

    $ {program} auth disable staff/
`,
  flags: { ...connectionFlags },
  async run(ctx, { flags, args }) {
    const out = printerOf(ctx, {})
    expectArgs(args, 1)
    const client = await connect(ctx, flags)
    const path = mountPath(trimPath(args[0] as string))
    await attempt(`Error disabling auth method at ${path}`, () => send(client, { method: 'DELETE', path: `sys/auth/${path}` }))
    out.line(`Success! Disabled the auth method (if it existed) at: ${path}`)
    return 0
  },
})
