import { attempt, trimPath, write } from '../../api/index.ts'
import { type Command, CommandFailed, defineCommand } from '../../command.ts'
import { connect, connectionFlags } from '../../connection.ts'
import { flag } from '../../flag.ts'
import { expectArgs } from '../../input/index.ts'
import { fieldFlags, formatFlags, printerOf } from '../../output/index.ts'
import { printNamespace } from './shown.ts'

export const command: Command = defineCommand({
  usage: 'namespace create [options] NAME',
  about: `
Make a namespace below the one that -namespace names.

    $ {program} namespace create payments
    $ {program} namespace create -namespace=payments -custom-metadata=owner=ada ledger
`,
  flags: {
    ...connectionFlags,
    ...fieldFlags,
    ...formatFlags,
    customMetadata: flag.pairs('A pair to describe the namespace; may be repeated.'),
  },
  async run(ctx, { flags, args }) {
    const out = printerOf(ctx, flags)
    expectArgs(args, 1)
    const name = trimPath(args[0] as string)
    if (name === '') throw new CommandFailed('Error creating namespace: name must not be empty', 2)
    const client = await connect(ctx, flags)
    const body = { custom_metadata: Object.fromEntries(flags.customMetadata) }
    const secret = await attempt('Error creating namespace', () => write(client, `sys/namespaces/${name}`, body, 'POST'))
    return printNamespace(out, secret, flags.field)
  },
})
