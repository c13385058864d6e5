import { attempt, secretOf, send } from '../../api/index.ts'
import { type Command, defineCommand } from '../../command.ts'
import { connect, connectionFlags } from '../../connection.ts'
import { expectArgs } from '../../input/index.ts'
import { formatFlags, goText, printerOf, table } from '../../output/index.ts'

type Node = Readonly<Record<string, unknown>>

const text = (value: unknown): string => (value === undefined || value === null || value === '' ? 'n/a' : goText(value))

export const command: Command = defineCommand({
  usage: 'operator members [options]',
  about: `
Print the nodes of the cluster that the server is one of.

    $ {program} operator members
`,
  flags: { ...connectionFlags, ...formatFlags },
  async run(ctx, { flags, args }) {
    const out = printerOf(ctx, flags)
    expectArgs(args, 0)
    const client = await connect(ctx, flags)
    const secret = await attempt('Error reading the members', async () =>
      secretOf(await send(client, { method: 'GET', path: 'sys/ha-status' })),
    )
    const nodes = (secret?.data?.['nodes'] ?? []) as readonly Node[]
    const rows = nodes.map(it => [
      text(it['hostname']),
      text(it['api_address']),
      text(it['cluster_address']),
      text(it['active_node']),
      text(it['version']),
      text(it['upgrade_version']),
      text(it['last_echo']),
    ])
    return out.data(
      { Nodes: nodes },
      table('Host Name | API Address | Cluster Address | Active Node | Version | Upgrade Version | Last Echo', rows),
    )
  },
})
