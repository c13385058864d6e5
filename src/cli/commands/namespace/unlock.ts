import { attempt, trimPath, write } from '../../api/index.ts'
import { type Command, defineCommand } from '../../command.ts'
import { connect, connectionFlags } from '../../connection.ts'
import { expectArgs } from '../../input/index.ts'
import { formatFlags, printerOf } from '../../output/index.ts'

export const command: Command = defineCommand({
  usage: 'namespace unlock [options] [PATH]',
  about: `
Let a locked namespace answer again: the one that -namespace names, or the one
at a path below it. Whoever has sudo there needs no key.

    $ {program} namespace unlock -unlock-key=KEY payments
`,
  flags: { ...connectionFlags, ...formatFlags },
  async run(ctx, { flags, args }) {
    const out = printerOf(ctx, flags)
    expectArgs(args, 0, 1)
    const client = await connect(ctx, flags)
    const below = trimPath(args[0] ?? '')
    const path = `sys/namespaces/api-lock/unlock${below === '' ? '' : `/${below}`}`
    const body = { unlock_key: flags.unlockKey ?? '' }
    const secret = await attempt('Error unlocking namespace', () => write(client, path, body))
    const warning = secret?.warnings?.[0]
    if (warning !== undefined) out.warn(warning)
    else out.line('Namespace unlocked successfully!')
    return 0
  },
})
