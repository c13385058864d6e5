import { attempt, mountPath, send, trimPath } from '../../api/index.ts'
import { type Command, defineCommand } from '../../command.ts'
import { connect, connectionFlags } from '../../connection.ts'
import { expectArgs } from '../../input/index.ts'
import { printerOf } from '../../output/index.ts'

export const command: Command = defineCommand({
  usage: 'audit disable [options] PATH',
  about: `
Disable an audit device. What it wrote stays where it is. The argument is its
path, not its type.

    $ {program} audit disable file/
`,
  flags: { ...connectionFlags },
  async run(ctx, { flags, args }) {
    expectArgs(args, 1)
    const path = mountPath(trimPath(args[0] as string))
    const client = await connect(ctx, flags)
    await attempt('Error disabling audit device', () => send(client, { method: 'DELETE', path: `sys/audit/${path}` }))
    printerOf(ctx, {}).line(`Success! Disabled audit device (if it was enabled) at: ${path}`)
    return 0
  },
})
