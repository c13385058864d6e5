import { attempt, read } from '../../api/index.ts'
import { type Command, CommandFailed, defineCommand } from '../../command.ts'
import { connect, connectionFlags } from '../../connection.ts'
import { expectArgs } from '../../input/index.ts'
import { formatFlags, printerOf } from '../../output/index.ts'

export const command: Command = defineCommand({
  usage: 'policy read [options] NAME',
  about: `
Print a policy's text.

    $ {program} policy read payments-read
`,
  flags: { ...connectionFlags, ...formatFlags },
  async run(ctx, { flags, args }) {
    const out = printerOf(ctx, flags)
    expectArgs(args, 1)
    const client = await connect(ctx, flags)
    const name = (args[0] as string).trim().toLowerCase()
    const secret = await attempt(`Error reading policy named ${name}`, () => read(client, `sys/policies/acl/${name}`))
    const policy = secret?.data?.['policy']
    if (typeof policy !== 'string' || policy === '') throw new CommandFailed(`No policy named: ${name}`, 2)
    return out.data({ policy }, policy.trim())
  },
})
