import { attempt, trimPath, write } from '../../api/index.ts'
import { type Command, defineCommand } from '../../command.ts'
import { connect, connectionFlags } from '../../connection.ts'
import { expectArgs } from '../../input/index.ts'
import { formatFlags, goText, printerOf } from '../../output/index.ts'

const NOTE = `
Namespace is now locked. Please securely store the unlock key printed above.
You must supply the unlock key to re-enable access to the namespace.
If the unlock key is lost, sudo capability is required to unlock the namespace without it.`

export const command: Command = defineCommand({
  usage: 'namespace lock [options] [PATH]',
  about: `
Refuse all requests to a namespace and to those below it: the one that
-namespace names, or the one at a path below it. Prints the key that unlocks it.

    $ {program} namespace lock -namespace=payments
    $ {program} namespace lock payments/ledger
`,
  flags: { ...connectionFlags, ...formatFlags },
  async run(ctx, { flags, args }) {
    const out = printerOf(ctx, flags)
    expectArgs(args, 0, 1)
    const client = await connect(ctx, flags)
    const below = trimPath(args[0] ?? '')
    const path = `sys/namespaces/api-lock/lock${below === '' ? '' : `/${below}`}`
    const secret = await attempt('Error locking namespace', () => write(client, path, null))
    if (secret === undefined) return 0
    if (out.format !== 'table') return out.data(secret.data ?? {})
    out.line(`Unlock Key: ${goText(secret.data?.['unlock_key'])}`)
    out.line(NOTE)
    return 0
  },
})
