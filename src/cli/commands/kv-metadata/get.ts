import { attempt, read } from '../../api/index.ts'
import { type Command, CommandFailed, defineCommand } from '../../command.ts'
import { connect, connectionFlags } from '../../connection.ts'
import { expectArgs } from '../../input/index.ts'
import { formatFlags, printerOf } from '../../output/index.ts'
import { printHeading, printPath } from '../kv/headings.ts'
import { expectV2, mountFlags, placeOf } from '../kv/place.ts'

type Data = Readonly<Record<string, unknown>>

export const command: Command = defineCommand({
  usage: 'kv metadata get [options] KEY',
  about: `
Print what is known of a secret but not its value: its settings and its versions.

    $ {program} kv metadata get -mount=secret payments/db
`,
  flags: { ...connectionFlags, ...formatFlags, ...mountFlags },
  async run(ctx, { flags, args }) {
    const out = printerOf(ctx, flags)
    expectArgs(args, 1)
    const client = await connect(ctx, flags)
    const place = await placeOf(client, flags.mount, args[0] as string)
    expectV2(place, 'Metadata not supported on KV Version 1')
    const path = place.path('metadata')
    const secret = await attempt(`Error reading ${path}`, () => read(client, path))
    if (secret === undefined) throw new CommandFailed(`No value found at ${path}`, 2)
    if (secret.wrap_info || out.format !== 'table') return out.secret(secret)
    const { versions, ...settings } = secret.data ?? {}
    if (versions === undefined || versions === null) throw new CommandFailed(`No value found at ${path}`, 2)
    printPath(out, 'Metadata Path', path)
    printHeading(out, 'Metadata', settings)
    out.secret({ ...secret, data: settings })
    const numbered = Object.entries(versions as Readonly<Record<string, Data>>).map(([key, facts]) => ({ number: Number(key), facts }))
    for (const { number, facts } of numbered.sort((a, b) => a.number - b.number)) {
      out.line('')
      printHeading(out, `Version ${number}`, facts)
      out.data(facts)
    }
    return 0
  },
})
