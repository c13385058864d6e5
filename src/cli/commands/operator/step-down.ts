import { attempt, send } from '../../api/index.ts'
import { type Command, defineCommand } from '../../command.ts'
import { connect, connectionFlags } from '../../connection.ts'
import { expectArgs } from '../../input/index.ts'
import { formatFlags, printerOf } from '../../output/index.ts'

export const command: Command = defineCommand({
  usage: 'operator step-down [options]',
  about: `
Let another node of the cluster lead. Where there is no other, the same one goes on.

    $ {program} operator step-down
`,
  flags: { ...connectionFlags, ...formatFlags },
  async run(ctx, { flags, args }) {
    const out = printerOf(ctx, flags)
    expectArgs(args, 0)
    const client = await connect(ctx, flags)
    await attempt('Error stepping down', () => send(client, { method: 'PUT', path: 'sys/step-down' }))
    out.line(`Success! Stepped down: ${client.address}`)
    return 0
  },
})
