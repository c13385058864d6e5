import { attempt, send } from '../../api/index.ts'
import { type Command, CommandFailed, defineCommand } from '../../command.ts'
import { connect, connectionFlags } from '../../connection.ts'
import { flag } from '../../flag.ts'
import { expectArgs } from '../../input/index.ts'
import { formatFlags, printerOf } from '../../output/index.ts'
import { printSealStatus } from '../../seal-status.ts'

export const command: Command = defineCommand({
  usage: 'operator unseal [options] [KEY]',
  about: `
Give the server one share of the key that unseals it, and print how many are
still missing. Without an argument it is asked for and not shown, and so it
stays out of your shell's history and of the list of processes.

    $ {program} operator unseal
    Unseal Key (will be hidden):
`,
  flags: {
    ...connectionFlags,
    ...formatFlags,
    reset: flag.bool('Forget the shares given so far.'),
    migrate: flag.bool('The share is meant for a migration to another seal.'),
  },
  async run(ctx, { flags, args }) {
    const out = printerOf(ctx, flags)
    expectArgs(args, 0, 1, '1')
    const client = await connect(ctx, flags)
    const put = async (doing: string, body: unknown): Promise<number> => {
      const answer = await attempt(doing, () => send(client, { method: 'PUT', path: 'sys/unseal', body }))
      return await printSealStatus(ctx, out, client, answer.body as Readonly<Record<string, unknown>>)
    }
    if (flags.reset) return await put('Error resetting unseal process', { reset: true })
    let key = (args[0] ?? '').trim()
    if (key === '') {
      if (flags.nonInteractive) throw new CommandFailed('-non-interactive forbids to ask for the key; give it as an argument')
      key = (await ctx.stdin.ask('Unseal Key (will be hidden): ', { secret: true })).trim()
    }
    return await put('Error unsealing', { key, reset: false, migrate: flags.migrate })
  },
})
