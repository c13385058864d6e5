import { attempt, RequestFailed, write } from '../../api/index.ts'
import { type Command, CommandFailed, defineCommand } from '../../command.ts'
import { type Connected, connect, connectionFlags } from '../../connection.ts'
import { flag } from '../../flag.ts'
import { type Data, expectArgs, pairsOf } from '../../input/index.ts'
import { fieldFlags, formatFlags, type Printer, printerOf, type Secret } from '../../output/index.ts'
import { expectV2, mountFlags, placeOf } from './place.ts'
import { dataOf, previousVersion } from './previous.ts'
import { printVersion } from './written.ts'

/** Reads, changes, and writes back if nobody wrote in between: for servers and policies that know no PATCH. */
async function readThenWrite(client: Connected, path: string, change: Data): Promise<Secret | undefined> {
  const before = await previousVersion(client.plain, path, 'patch')
  const data = { ...dataOf(before, path, 'patch'), ...change }
  return await attempt(`Error writing data to ${path}`, () => write(client, path, { data, options: { cas: before.metadata['version'] } }))
}

async function mergePatch(
  out: Printer,
  client: Connected,
  path: string,
  change: Data,
  cas: number,
  mayFallBack: boolean,
): Promise<Secret | undefined> {
  const body = { data: change, options: cas > 0 ? { cas } : {} }
  return await attempt(`Error writing data to ${path}`, async () => {
    try {
      return await write(client, path, body, 'PATCH')
    } catch (thrown) {
      if (!mayFallBack || !(thrown instanceof RequestFailed) || (thrown.status !== 405 && thrown.status !== 403)) throw thrown
      if (thrown.status === 403) {
        out.warn(
          `PATCH is not allowed at ${path}, so the secret is read and written back; a policy with the "patch" capability would spare that.`,
        )
      }
      return await readThenWrite(client, path, change)
    }
  })
}

export const command: Command = defineCommand({
  usage: 'kv patch [options] KEY [DATA]',
  about: `
Write a new version of a secret in which some keys are changed and the others
stay. The secret must exist, in a KV engine of version 2.

    $ {program} kv patch -mount=secret payments/db password=@password
    $ {program} kv patch -mount=secret -remove-data=user payments/db
`,
  flags: {
    ...connectionFlags,
    ...fieldFlags,
    ...formatFlags,
    ...mountFlags,
    cas: flag.int('Patch only if this is the current version.', { default: 0 }),
    method: flag.string(
      'How: "patch" sends the change alone, "rw" reads, changes and writes back. Without it, "rw" where "patch" is not to be had.',
    ),
    removeData: flag.strings('A key to remove; may be repeated.'),
  },
  async run(ctx, { flags, args }) {
    const out = printerOf(ctx, flags)
    expectArgs(args, 1, Number.POSITIVE_INFINITY, '>1')
    if (args.length === 1 && flags.removeData.length === 0) throw new CommandFailed('Must supply data')
    const client = await connect(ctx, flags)
    const given = await pairsOf(ctx, args.slice(1), flags)
    const place = await placeOf(client, flags.mount, args[0] as string)
    expectV2(place, 'K/V engine mount must be version 2 for patch support', 2)
    const path = place.path('data')
    const change = { ...given, ...Object.fromEntries(flags.removeData.map(key => [key, null])) }
    const { method = '' } = flags
    if (!['', 'patch', 'rw'].includes(method)) throw new CommandFailed(`Unsupported method provided to -method flag: ${method}`, 2)
    const secret =
      method === 'rw' ? await readThenWrite(client, path, change) : await mergePatch(out, client, path, change, flags.cas, method === '')
    return printVersion(out, path, secret, flags.field)
  },
})
