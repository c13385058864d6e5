import { attempt, read, trimPath } from '../../api/index.ts'
import { type Command, CommandFailed, defineCommand } from '../../command.ts'
import { connect, connectionFlags } from '../../connection.ts'
import { expectArgs } from '../../input/index.ts'
import { formatFlags, printerOf } from '../../output/index.ts'
import { printNamespace } from './shown.ts'

export const command: Command = defineCommand({
  usage: 'namespace lookup [options] NAME',
  about: `
Print what is known of a namespace.

    $ {program} namespace lookup payments
    $ {program} namespace lookup -namespace=payments ledger
`,
  flags: { ...connectionFlags, ...formatFlags },
  async run(ctx, { flags, args }) {
    const out = printerOf(ctx, flags)
    expectArgs(args, 1)
    const client = await connect(ctx, flags)
    const secret = await attempt('Error looking up namespace', () => read(client, `sys/namespaces/${trimPath(args[0] as string)}`))
    if (secret === undefined) throw new CommandFailed('Namespace not found', 2)
    return printNamespace(out, secret)
  },
})
