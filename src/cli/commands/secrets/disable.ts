import { attempt, mountPath, send, trimPath } from '../../api/index.ts'
import { type Command, defineCommand } from '../../command.ts'
import { connect, connectionFlags } from '../../connection.ts'
import { expectArgs } from '../../input/index.ts'
import { printerOf } from '../../output/index.ts'

export const command: Command = defineCommand({
  usage: 'secrets disable [options] PATH',
  about: `
Unmount a secrets engine. All that it stores is deleted, and all leases it gave
are revoked. The argument is its path, not its type.

    $ {program} secrets disable payments/
`,
  flags: { ...connectionFlags },
  async run(ctx, { flags, args }) {
    const out = printerOf(ctx, {})
    expectArgs(args, 1)
    const client = await connect(ctx, flags)
    const path = mountPath(trimPath(args[0] as string))
    await attempt(`Error disabling secrets engine at ${path}`, () => send(client, { method: 'DELETE', path: `sys/mounts/${path}` }))
    out.line(`Success! Disabled the secrets engine (if it existed) at: ${path}`)
    return 0
  },
})
