import { goDuration } from '../../../kernel/index.ts'
import { write } from '../../api/index.ts'
import { type Command, defineCommand } from '../../command.ts'
import { connect, connectionFlags } from '../../connection.ts'
import { type Flag, flag, type ValuesOf } from '../../flag.ts'
import { expectArgs } from '../../input/index.ts'
import { formatFlags, printerOf } from '../../output/index.ts'
import { expectV2, mountFlags, placeOf } from '../kv/place.ts'
import { printWritten } from '../written.ts'

interface Settings {
  readonly maxVersions: Flag<number>
  readonly casRequired: Flag<boolean | undefined>
  readonly deleteVersionAfter: Flag<number | undefined>
  readonly customMetadata: Flag<ReadonlyMap<string, string>>
}

const settings: Settings = {
  maxVersions: flag.int("How many versions to keep; the engine's own setting without it.", { default: -1 }),
  casRequired: flag.maybe('Whether every write must name the version it replaces.'),
  deleteVersionAfter: flag.duration('How long a version lives before it is deleted, such as "30s" or "3h25m19s".'),
  customMetadata: flag.pairs('A pair to describe the secret; may be repeated.'),
}

/** What was given, in the API's words. */
function settingsBody(flags: ValuesOf<{ [K in keyof Settings]: Settings[K] }>): Readonly<Record<string, unknown>> {
  const after = flags.deleteVersionAfter
  return {
    ...(flags.maxVersions < 0 ? {} : { max_versions: flags.maxVersions }),
    ...(flags.casRequired === undefined ? {} : { cas_required: flags.casRequired }),
    ...(after === undefined || after < 0 ? {} : { delete_version_after: goDuration(after) }),
    ...(flags.customMetadata.size === 0 ? {} : { custom_metadata: Object.fromEntries(flags.customMetadata) }),
  }
}

export const command: Command = defineCommand({
  usage: 'kv metadata put [options] KEY',
  about: `
Set what is known of a secret beside its value. What is not given is reset.

    $ {program} kv metadata put -mount=secret -max-versions=5 payments/db
    $ {program} kv metadata put -mount=secret -custom-metadata=owner=payments payments/db
`,
  flags: { ...connectionFlags, ...formatFlags, ...mountFlags, ...settings },
  async run(ctx, { flags, args }) {
    const out = printerOf(ctx, flags)
    expectArgs(args, 1)
    const client = await connect(ctx, flags)
    const place = await placeOf(client, flags.mount, args[0] as string)
    expectV2(place, 'Metadata not supported on KV Version 1')
    const path = place.path('metadata')
    return await printWritten(out, path, undefined, () => write(client, path, settingsBody(flags)))
  },
})

export const patchCommand: Command = defineCommand({
  usage: 'kv metadata patch [options] KEY',
  about: `
Change some of what is known of a secret beside its value, and leave the rest.

    $ {program} kv metadata patch -mount=secret -custom-metadata=owner=core payments/db
    $ {program} kv metadata patch -mount=secret -remove-custom-metadata=owner payments/db
`,
  flags: {
    ...connectionFlags,
    ...formatFlags,
    ...mountFlags,
    ...settings,
    removeCustomMetadata: flag.strings('A key of the custom metadata to remove; may be repeated.'),
  },
  async run(ctx, { flags, args }) {
    const out = printerOf(ctx, flags)
    expectArgs(args, 1)
    const client = await connect(ctx, flags)
    const place = await placeOf(client, flags.mount, args[0] as string)
    expectV2(place, 'Metadata not supported on KV Version 1')
    const path = place.path('metadata')
    const removed = Object.fromEntries(flags.removeCustomMetadata.map(key => [key, null]))
    const body = { ...settingsBody(flags), custom_metadata: { ...Object.fromEntries(flags.customMetadata), ...removed } }
    return await printWritten(out, path, undefined, () => write(client, path, body, 'PATCH'))
  },
})
