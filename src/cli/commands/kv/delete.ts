import { attempt, remove, RequestFailed, write } from '../../api/index.ts'
import { type Command, defineCommand } from '../../command.ts'
import { connect, connectionFlags } from '../../connection.ts'
import { flag } from '../../flag.ts'
import { expectArgs } from '../../input/index.ts'
import { fieldFlags, formatFlags, printerOf } from '../../output/index.ts'
import { mountFlags, placeOf, versionsOf } from './place.ts'

export const command: Command = defineCommand({
  usage: 'kv delete [options] PATH',
  about: `
Delete a secret. In version 2 of the engine the current version, or those that
-versions names, are marked as deleted and can be brought back by "kv undelete".

    $ {program} kv delete -mount=secret payments/db
    $ {program} kv delete -mount=secret -versions=3,4 payments/db
`,
  flags: {
    ...connectionFlags,
    ...fieldFlags,
    ...formatFlags,
    ...mountFlags,
    versions: flag.strings('The versions to delete, separated by commas; may be repeated.'),
  },
  async run(ctx, { flags, args }) {
    const out = printerOf(ctx, flags)
    expectArgs(args, 1)
    const client = await connect(ctx, flags)
    const place = await placeOf(client, flags.mount, args[0] as string)
    const path = place.path('data')
    const secret = await attempt(`Error deleting ${path}`, async () => {
      try {
        if (!place.v2 || flags.versions.length === 0) return await remove(client, path)
        return await write(client, place.path('delete'), { versions: versionsOf(flags.versions) })
      } catch (thrown) {
        if (thrown instanceof RequestFailed && thrown.secret !== undefined) out.secret(thrown.secret)
        throw thrown
      }
    })
    if (secret === undefined) return out.success(`Success! Data deleted (if it existed) at: ${path}`)
    return flags.field === undefined ? out.secret(secret) : out.secretField(secret, flags.field)
  },
})
