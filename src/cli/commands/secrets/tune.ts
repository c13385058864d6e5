import { attempt, mountPath, send, trimPath } from '../../api/index.ts'
import { type Command, defineCommand } from '../../command.ts'
import { connect, connectionFlags } from '../../connection.ts'
import { expectArgs } from '../../input/index.ts'
import { printerOf } from '../../output/index.ts'
import { settingFlags, tuneBody } from '../mount/settings.ts'

export const command: Command = defineCommand({
  usage: 'secrets tune [options] PATH',
  about: `
Change settings of a secrets engine that is mounted. What is not given stays as
it is; a span of "system" goes back to the server's own.

    $ {program} secrets tune -default-lease-ttl=1h payments/
`,
  flags: { ...connectionFlags, ...settingFlags },
  async run(ctx, { flags, args, set }) {
    const out = printerOf(ctx, {})
    expectArgs(args, 1)
    const path = mountPath(trimPath(args[0] as string))
    const client = await connect(ctx, flags)
    const body = tuneBody(flags, set)
    await attempt(`Error tuning secrets engine ${path}`, () => send(client, { method: 'POST', path: `sys/mounts/${path}tune`, body }))
    out.line(`Success! Tuned the secrets engine at: ${path}`)
    return 0
  },
})
