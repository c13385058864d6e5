import { attempt, send } from '../../api/index.ts'
import { type Command, defineCommand } from '../../command.ts'
import { connect, connectionFlags } from '../../connection.ts'
import { expectArgs } from '../../input/index.ts'
import { printerOf } from '../../output/index.ts'

export const command: Command = defineCommand({
  usage: 'policy delete [options] NAME',
  about: `
Delete a policy. Tokens that carry it lose what it gave, at once.

    $ {program} policy delete payments-read
`,
  flags: { ...connectionFlags },
  async run(ctx, { flags, args }) {
    expectArgs(args, 1)
    const client = await connect(ctx, flags)
    const name = (args[0] as string).trim().toLowerCase()
    await attempt(`Error deleting ${name}`, () => send(client, { method: 'DELETE', path: `sys/policies/acl/${name}` }))
    printerOf(ctx, {}).line(`Success! Deleted policy: ${name}`)
    return 0
  },
})
