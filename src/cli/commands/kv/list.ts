import type { Client } from '../../../client/index.ts'
import { attempt, list, scan } from '../../api/index.ts'
import { type Command, defineCommand } from '../../command.ts'
import { connect, connectionFlags } from '../../connection.ts'
import { expectArgs } from '../../input/index.ts'
import { formatFlags, printerOf, type Secret } from '../../output/index.ts'
import { printList } from '../list.ts'
import { mountFlags, placeOf } from './place.ts'

function listing(
  verb: 'list' | 'scan',
  doing: string,
  look: (client: Client, path: string) => Promise<Secret | undefined>,
  about: string,
): Command {
  return defineCommand({
    usage: `kv ${verb} [options] PATH`,
    about,
    flags: { ...connectionFlags, ...formatFlags, ...mountFlags },
    async run(ctx, { flags, args }) {
      const out = printerOf(ctx, flags)
      expectArgs(args, (flags.mount ?? '') === '' ? 1 : 0, 1, '1')
      const client = await connect(ctx, flags)
      const path = (await placeOf(client, flags.mount, args[0] ?? '')).path('metadata')
      return printList(out, path, await attempt(`${doing} ${path}`, () => look(client, path)))
    },
  })
}

export const command: Command = listing(
  'list',
  'Error listing',
  list,
  `
List the secrets and folders at a path of a KV engine.

    $ {program} kv list -mount=secret payments
`,
)

export const scanCommand: Command = listing(
  'scan',
  'Error scanning',
  scan,
  `
List the secrets at a path of a KV engine and in all folders below it.

    $ {program} kv scan -mount=secret payments
`,
)
