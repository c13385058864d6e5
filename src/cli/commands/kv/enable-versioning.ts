import { attempt, mountPath, send, trimPath } from '../../api/index.ts'
import { type Command, defineCommand } from '../../command.ts'
import { connect, connectionFlags } from '../../connection.ts'
import { expectArgs } from '../../input/index.ts'
import { formatFlags, printerOf } from '../../output/index.ts'

export const command: Command = defineCommand({
  usage: 'kv enable-versioning [options] MOUNT',
  about: `
Turn a KV engine of version 1 into one of version 2, which keeps versions. There
is no way back.

    $ {program} kv enable-versioning secret
`,
  flags: { ...connectionFlags, ...formatFlags },
  async run(ctx, { flags, args }) {
    const out = printerOf(ctx, flags)
    expectArgs(args, 1)
    const client = await connect(ctx, flags)
    const mount = mountPath(trimPath(args[0] as string))
    await attempt(`Error tuning secrets engine ${mount}`, () =>
      send(client, { method: 'POST', path: `sys/mounts/${mount}tune`, body: { options: { version: '2' } } }),
    )
    out.line(`Success! Tuned the secrets engine at: ${mount}`)
    return 0
  },
})
