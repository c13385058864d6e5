import { attempt, send } from '../../api/index.ts'
import { type Command, defineCommand } from '../../command.ts'
import { connect, connectionFlags } from '../../connection.ts'
import { expectArgs } from '../../input/index.ts'
import { printerOf } from '../../output/index.ts'

export const command: Command = defineCommand({
  usage: 'operator seal [options]',
  about: `
Seal the server: it forgets its root key, and answers nothing until enough key
shares have been given to "operator unseal" again.

    $ {program} operator seal
`,
  flags: { ...connectionFlags },
  async run(ctx, { flags, args }) {
    expectArgs(args, 0)
    const client = await connect(ctx, flags)
    await attempt('Error sealing', () => send(client, { method: 'PUT', path: 'sys/seal' }))
    printerOf(ctx, {}).line('Success! Vault is sealed.')
    return 0
  },
})
