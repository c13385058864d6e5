import { attempt, read } from '../../api/index.ts'
import { type Command, CommandFailed, defineCommand } from '../../command.ts'
import { connect, connectionFlags } from '../../connection.ts'
import { flag } from '../../flag.ts'
import { expectArgs } from '../../input/index.ts'
import { fieldFlags, formatFlags, type Printer, printerOf, type Secret } from '../../output/index.ts'
import { printHeading, printPath } from './headings.ts'
import { mountFlags, placeOf } from './place.ts'

type Data = Readonly<Record<string, unknown>>

/** In version 2 a field is one of the secret's own; "data" is all of it, unless the secret itself has a key of that name. */
function printField(out: Printer, secret: Secret, v2: boolean, name: string, path: string): number {
  if (!v2) return out.secretField(secret, name)
  const data = secret.data?.['data'] as Data | null | undefined
  if (data === null || data === undefined) throw new CommandFailed(`No data found at ${path}`, 2)
  return name === 'data' && data['data'] === undefined ? out.secretField(secret, name) : out.field(data, name, 'map')
}

export const command: Command = defineCommand({
  usage: 'kv get [options] KEY',
  about: `
Read a secret: the current version, or the one that -version names.

    $ {program} kv get -mount=secret payments/db
    $ {program} kv get -mount=secret -field=password payments/db
`,
  flags: {
    ...connectionFlags,
    ...fieldFlags,
    ...formatFlags,
    ...mountFlags,
    version: flag.int('The version to read.', { default: 0 }),
  },
  async run(ctx, { flags, args }) {
    const out = printerOf(ctx, flags)
    expectArgs(args, 1)
    const client = await connect(ctx, flags)
    const place = await placeOf(client, flags.mount, args[0] as string)
    const path = place.path('data')
    const query = place.v2 && flags.version > 0 ? { version: String(flags.version) } : {}
    const secret = await attempt(`Error reading ${path}`, () => read(client, path, query))
    if (secret === undefined) throw new CommandFailed(`No value found at ${path}`, 2)
    if (flags.field !== undefined) return printField(out, secret, place.v2, flags.field, path)
    if (secret.wrap_info || out.format !== 'table') return out.secret(secret)

    out.warnings(secret)
    if (place.v2) printPath(out, 'Secret Path', path)
    const metadata = secret.data?.['metadata'] as Data | null | undefined
    if (metadata !== null && metadata !== undefined) {
      printHeading(out, 'Metadata', metadata)
      out.data(metadata)
      out.line('')
    }
    const data = (place.v2 ? secret.data?.['data'] : secret.data) as Data | null | undefined
    if (data !== null && data !== undefined) {
      printHeading(out, 'Data', data)
      out.data(data)
    }
    return 0
  },
})
