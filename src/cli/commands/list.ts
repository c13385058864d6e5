import { attempt, keysOf, list, scan, trimPath } from '../api/index.ts'
import type { Client } from '../../client/index.ts'
import { type Command, CommandFailed, defineCommand } from '../command.ts'
import { connect, connectionFlags } from '../connection.ts'
import { flag } from '../flag.ts'
import { expectArgs } from '../input/index.ts'
import { detailedFlags, formatFlags, type Printer, printerOf, type Secret } from '../output/index.ts'

/** Prints a list reply; an empty folder is exit code 2, and says so where a person reads. */
export function printList(out: Printer, path: string, secret: Secret | undefined): number {
  if ((secret?.wrap_info?.['ttl'] ?? 0) !== 0) return out.secret(secret as Secret)
  const isList = keysOf(secret) !== undefined
  if (out.format !== 'table' && (secret === undefined || !isList)) {
    out.data({})
    return 2
  }
  if (secret === undefined) throw new CommandFailed(`No value found at ${path}`, 2)
  // Without data there are warnings, and those are worth seeing.
  if (secret.data === undefined || secret.data === null) return out.secret(secret)
  if (!isList) throw new CommandFailed(`No entries found at ${path}`, 2)
  return out.list(secret)
}

type Look = (client: Client, path: string, query?: Readonly<Record<string, string>>) => Promise<Secret | undefined>

/** `list` and `scan` are one command with two verbs. */
function listing(verb: 'list' | 'scan', look: Look, doing: string, about: string): Command {
  return defineCommand({
    usage: `${verb} [options] PATH`,
    about,
    flags: {
      ...connectionFlags,
      ...formatFlags,
      ...detailedFlags,
      after: flag.string('The key behind which to begin, on paths that list page by page.'),
      limit: flag.int('The most keys to give, on paths that list page by page.'),
    },
    async run(ctx, { flags, args }) {
      const out = printerOf(ctx, flags)
      expectArgs(args, 1)
      const client = await connect(ctx, flags)
      const path = trimPath(args[0] as string)
      const { after = '', limit = -1 } = flags
      // A path that knows no pages would answer these parameters with a warning.
      const query = after === '' && limit <= 0 ? {} : { after, limit: String(limit) }
      return printList(out, path, await attempt(`${doing} ${path}`, () => look(client, path, query)))
    },
  })
}

export const command: Command = listing(
  'list',
  list,
  'Error listing',
  `
List the keys at a path.

    $ {program} list secret/metadata/payments

Some paths list page by page:

    $ {program} list -after=LAST -limit=50 pki/certs

and some tell more than the keys:

    $ {program} list -detailed pki/issuers
`,
)

export const scanCommand: Command = listing(
  'scan',
  scan,
  'Error scanning',
  `
List the keys at a path and in all folders below it.

    $ {program} scan secret/metadata/payments
`,
)
