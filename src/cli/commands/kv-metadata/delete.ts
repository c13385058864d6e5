import { attempt, remove } from '../../api/index.ts'
import { type Command, defineCommand } from '../../command.ts'
import { connect, connectionFlags } from '../../connection.ts'
import { expectArgs } from '../../input/index.ts'
import { printerOf } from '../../output/index.ts'
import { expectV2, mountFlags, placeOf } from '../kv/place.ts'

export const command: Command = defineCommand({
  usage: 'kv metadata delete [options] PATH',
  about: `
Delete a secret with all its versions and all that is known of it. There is no
way back.

    $ {program} kv metadata delete -mount=secret payments/db
`,
  flags: { ...connectionFlags, ...mountFlags },
  async run(ctx, { flags, args }) {
    const out = printerOf(ctx, {})
    expectArgs(args, 1)
    const client = await connect(ctx, flags)
    const place = await placeOf(client, flags.mount, args[0] as string)
    expectV2(place, 'Metadata not supported on KV Version 1')
    const path = place.path('metadata')
    await attempt(`Error deleting ${path}`, () => remove(client, path))
    out.line(`Success! Data deleted (if it existed) at: ${path}`)
    return 0
  },
})
