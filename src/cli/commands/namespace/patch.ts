import { attempt, trimPath, write } from '../../api/index.ts'
import { type Command, CommandFailed, defineCommand } from '../../command.ts'
import { connect, connectionFlags } from '../../connection.ts'
import { flag } from '../../flag.ts'
import { expectArgs } from '../../input/index.ts'
import { fieldFlags, formatFlags, printerOf } from '../../output/index.ts'
import { printNamespace } from './shown.ts'

export const command: Command = defineCommand({
  usage: 'namespace patch [options] NAME',
  about: `
Change some of the metadata of a namespace, and leave the rest.

    $ {program} namespace patch -custom-metadata=owner=bob -remove-custom-metadata=old payments
`,
  flags: {
    ...connectionFlags,
    ...fieldFlags,
    ...formatFlags,
    customMetadata: flag.pairs('A pair to describe the namespace; may be repeated.'),
    removeCustomMetadata: flag.strings('A key to take away; may be repeated.'),
  },
  async run(ctx, { flags, args }) {
    const out = printerOf(ctx, flags)
    if (flags.customMetadata.size === 0 && flags.removeCustomMetadata.length === 0)
      throw new CommandFailed('Must supply at least one of -custom-metadata or -remove-custom-metadata')
    expectArgs(args, 1)
    const client = await connect(ctx, flags)
    const gone = flags.removeCustomMetadata.map((key): readonly [string, null] => [key, null])
    const body = { custom_metadata: Object.fromEntries([...flags.customMetadata, ...gone]) }
    const path = `sys/namespaces/${trimPath(args[0] as string)}`
    return printNamespace(out, await attempt('Error patching namespace', () => write(client, path, body, 'PATCH')), flags.field)
  },
})
