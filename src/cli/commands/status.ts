import { attempt } from '../api/index.ts'
import { type Command, CommandFailed, defineCommand } from '../command.ts'
import { connect, connectionFlags } from '../connection.ts'
import { expectArgs } from '../input/index.ts'
import { fieldFlags, formatFlags, printerOf } from '../output/index.ts'
import { printSealField, printSealStatus, readSealStatus } from '../seal-status.ts'

const SEALED = 2

export const command: Command = defineCommand({
  usage: 'status [options]',
  about: `
Print whether the server is sealed, and what it says of itself and its cluster.
The exit code tells the seal's state:

    0  unsealed
    1  it could not be told
    2  sealed
`,
  flags: { ...connectionFlags, ...fieldFlags, ...formatFlags },
  async run(ctx, { flags, args }) {
    const out = printerOf(ctx, flags)
    expectArgs(args, 0)
    // 2 is for "sealed" alone here.
    const failed = (thrown: unknown): never => {
      throw thrown instanceof CommandFailed ? new CommandFailed(thrown.message, 1, { cause: thrown }) : thrown
    }
    // A namespace knows its seal status only once the server is unsealed; the root one always does.
    const client = (await connect(ctx, flags).catch(failed)).with({ namespace: '' })
    const status = await attempt('Error checking seal status', () => readSealStatus(client), 1)
    const sealed = status['sealed'] === true
    if (flags.field !== undefined) {
      await printSealField(ctx, out, client, status, flags.field)
      return sealed ? SEALED : 0
    }
    const code = await printSealStatus(ctx, out, client, status)
    return sealed ? SEALED : code
  },
})
