import type { Client } from '../../../client/index.ts'
import { attempt, list, scan } from '../../api/index.ts'
import { type Command, CommandFailed, defineCommand } from '../../command.ts'
import { connect, connectionFlags } from '../../connection.ts'
import { flag } from '../../flag.ts'
import { expectArgs } from '../../input/index.ts'
import { formatFlags, printerOf, type Secret } from '../../output/index.ts'

/** `list` and `scan` are one command with two verbs. */
function listing(
  verb: 'list' | 'scan',
  doing: string,
  look: (client: Client, path: string) => Promise<Secret | undefined>,
  about: string,
): Command {
  return defineCommand({
    usage: `namespace ${verb} [options]`,
    about,
    flags: { ...connectionFlags, ...formatFlags, detailed: flag.bool('Print what is known of each.') },
    async run(ctx, { flags, args }) {
      const out = printerOf(ctx, flags)
      expectArgs(args, 0)
      const client = await connect(ctx, flags)
      const secret = await attempt(doing, () => look(client, 'sys/namespaces'))
      if ((secret?.wrap_info?.['ttl'] ?? 0) !== 0) return out.secret(secret as Secret)
      const keys = secret?.data?.['keys']
      if (secret === undefined || !Array.isArray(keys)) {
        if (out.format === 'table') throw new CommandFailed('No namespaces found', 2)
        out.data({})
        return 2
      }
      if (flags.detailed && out.format !== 'table') return out.data(secret.data?.['key_info'] ?? {})
      return out.list(secret)
    },
  })
}

export const command: Command = listing(
  'list',
  'Error listing namespaces',
  list,
  `
List the namespaces right below the one that -namespace names.

    $ {program} namespace list -detailed
`,
)

export const scanCommand: Command = listing(
  'scan',
  'Error scanning namespaces',
  scan,
  `
List all namespaces below the one that -namespace names, however deep.

    $ {program} namespace scan
`,
)
