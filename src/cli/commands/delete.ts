import { attempt, remove, RequestFailed, trimPath } from '../api/index.ts'
import { type Command, defineCommand } from '../command.ts'
import { connect, connectionFlags } from '../connection.ts'
import { expectArgs, listPairs, pairsOf } from '../input/index.ts'
import { fieldFlags, formatFlags, printerOf } from '../output/index.ts'

export const command: Command = defineCommand({
  usage: 'delete [options] PATH [K=V...]',
  about: `
Delete what lives at a path. What that means is up to what is mounted there; a
path where nothing lives is no failure.

    $ {program} delete auth/approle/role/ci
`,
  flags: { ...connectionFlags, ...fieldFlags, ...formatFlags },
  async run(ctx, { flags, args }) {
    const out = printerOf(ctx, flags)
    expectArgs(args, 1, Number.POSITIVE_INFINITY, 'at least 1')
    const client = await connect(ctx, flags)
    const path = trimPath(args[0] as string)
    const query = listPairs(await pairsOf(ctx, args.slice(1), { ...flags, what: 'Failed to parse string list data' }))
    const secret = await attempt(`Error deleting ${path}`, async () => {
      try {
        return await remove(client, path, query)
      } catch (thrown) {
        if (thrown instanceof RequestFailed && thrown.secret !== undefined) out.secret(thrown.secret)
        throw thrown
      }
    })
    if (secret === undefined) return out.success(`Success! Data deleted (if it existed) at: ${path}`)
    return flags.field === undefined ? out.secret(secret) : out.secretField(secret, flags.field)
  },
})
