import { attempt, secretOf, send } from '../../api/index.ts'
import { type Command, CommandFailed, defineCommand } from '../../command.ts'
import { connect, connectionFlags } from '../../connection.ts'
import { flag } from '../../flag.ts'
import { expectArgs } from '../../input/index.ts'
import { formatFlags, goText, printerOf, table } from '../../output/index.ts'
import { detailedMounts, shapedMounts } from '../mount/shape.ts'

export const command: Command = defineCommand({
  usage: 'secrets list [options]',
  about: `
List the secrets engines that are mounted, and where.

    $ {program} secrets list -detailed
`,
  flags: { ...connectionFlags, ...formatFlags, detailed: flag.bool('Print all settings of each.') },
  async run(ctx, { flags, args }) {
    const out = printerOf(ctx, flags)
    expectArgs(args, 0)
    const client = await connect(ctx, flags)
    const secret = await attempt('Error listing secrets engines', async () =>
      secretOf(await send(client, { method: 'GET', path: 'sys/mounts' })),
    )
    if (!secret?.data) throw new CommandFailed('Error listing secrets engines: data from server response is empty', 2)
    const mounts = shapedMounts(secret.data)
    const simple = Object.entries(mounts).map(([path, it]) => [path, goText(it['type']), goText(it['accessor']), goText(it['description'])])
    const shown = flags.detailed
      ? detailedMounts(mounts, { heading: 'Force No Cache', of: config => goText(config['force_no_cache']) })
      : table('Path | Type | Accessor | Description', simple)
    return out.data(mounts, shown)
  },
})
