import { type Command, defineCommand } from '../../command.ts'
import { connectionFlags } from '../../connection.ts'
import { currentToken } from '../../token-store.ts'

export const command: Command = defineCommand({
  usage: 'print token',
  about: `
Print the token that commands would use: the one in the environment, else the
one of the last login.

    $ {program} print token
`,
  flags: { ...connectionFlags },
  async run(ctx, { flags }) {
    ctx.stdout.write(`${(await currentToken(ctx, flags.agentAddress ?? flags.address)) ?? ''}\n`)
    return 0
  },
})
