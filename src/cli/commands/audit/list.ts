import { attempt, secretOf, send } from '../../api/index.ts'
import { type Command, defineCommand } from '../../command.ts'
import { connect, connectionFlags } from '../../connection.ts'
import { flag } from '../../flag.ts'
import { expectArgs } from '../../input/index.ts'
import { byBytes, formatFlags, goText, printerOf, type Shape, shaped, table } from '../../output/index.ts'

type Data = Readonly<Record<string, unknown>>

const deviceShape: Shape = [
  { name: 'type', kind: 'text' },
  { name: 'description', kind: 'text' },
  { name: 'options', kind: 'map' },
  { name: 'local', kind: 'switch' },
  { name: 'path', kind: 'text' },
]

const optionsText = (options: unknown): string =>
  Object.entries((options ?? {}) as Data)
    .sort(([a], [b]) => byBytes(a, b))
    .map(([key, value]) => `${key}=${goText(value)}`)
    .join(' ')

export const command: Command = defineCommand({
  usage: 'audit list [options]',
  about: `
List the audit devices.

    $ {program} audit list -detailed
`,
  flags: { ...connectionFlags, ...formatFlags, detailed: flag.bool('Print the options of each.') },
  async run(ctx, { flags, args }) {
    const out = printerOf(ctx, flags)
    expectArgs(args, 0)
    const client = await connect(ctx, flags)
    const data =
      (await attempt('Error listing audits', async () => secretOf(await send(client, { method: 'GET', path: 'sys/audit' }))))?.data ?? {}
    const devices = Object.create(null) as Record<string, Data>
    for (const path of Object.keys(data).sort(byBytes)) devices[path] = shaped(data[path], deviceShape)
    if (out.format !== 'table') return out.data(devices)
    if (Object.keys(devices).length === 0) {
      out.line('No audit devices are enabled.')
      return 2
    }
    const simple = Object.values(devices).map(it => [goText(it['path']), goText(it['type']), goText(it['description'])])
    const detailed = Object.entries(devices).map(([path, it]) => [
      path,
      goText(it['type']),
      goText(it['description']),
      it['local'] === true ? 'local' : 'replicated',
      optionsText(it['options']),
    ])
    return out.data(
      devices,
      flags.detailed ? table('Path | Type | Description | Replication | Options', detailed) : table('Path | Type | Description', simple),
    )
  },
})
