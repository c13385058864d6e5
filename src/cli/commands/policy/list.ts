import { attempt, keysOf, list } from '../../api/index.ts'
import { type Command, defineCommand } from '../../command.ts'
import { connect, connectionFlags } from '../../connection.ts'
import { expectArgs } from '../../input/index.ts'
import { formatFlags, printerOf } from '../../output/index.ts'

export const command: Command = defineCommand({
  usage: 'policy list [options]',
  about: `
List the policies.

    $ {program} policy list
`,
  flags: { ...connectionFlags, ...formatFlags },
  async run(ctx, { flags, args }) {
    const out = printerOf(ctx, flags)
    expectArgs(args, 0)
    const client = await connect(ctx, flags)
    const names = keysOf(await attempt('Error listing policies', () => list(client, 'sys/policies/acl'))) ?? []
    return out.data(names, names.join('\n'))
  },
})
