import { write } from '../../api/index.ts'
import { type Command, CommandFailed, defineCommand } from '../../command.ts'
import { connect, connectionFlags } from '../../connection.ts'
import { flag } from '../../flag.ts'
import { expectArgs } from '../../input/index.ts'
import { formatFlags, printerOf } from '../../output/index.ts'
import { printWritten } from '../written.ts'
import { expectV2, mountFlags, placeOf, versionsOf } from './place.ts'

/** `undelete` and `destroy` are the same command with another verb. */
function onVersions(verb: 'undelete' | 'destroy', refusal: string, about: string): Command {
  return defineCommand({
    usage: `kv ${verb} [options] KEY`,
    about,
    flags: {
      ...connectionFlags,
      ...formatFlags,
      ...mountFlags,
      versions: flag.strings(`The versions to ${verb}, separated by commas; may be repeated.`),
    },
    async run(ctx, { flags, args }) {
      const out = printerOf(ctx, flags)
      expectArgs(args, 1)
      if (flags.versions.length === 0)
        throw new CommandFailed(`No versions provided, use the "-versions" flag to specify the version to ${verb}.`)
      const client = await connect(ctx, flags)
      const place = await placeOf(client, flags.mount, args[0] as string)
      expectV2(place, refusal)
      const path = place.path(verb)
      return await printWritten(out, path, undefined, () => write(client, path, { versions: versionsOf(flags.versions) }))
    },
  })
}

export const command: Command = onVersions(
  'undelete',
  'Undelete not supported on KV Version 1',
  `
Bring deleted versions of a secret back.

    $ {program} kv undelete -mount=secret -versions=3 payments/db
`,
)

export const destroyCommand: Command = onVersions(
  'destroy',
  'Destroy not supported on KV Version 1',
  `
Remove versions of a secret for good. There is no way back.

    $ {program} kv destroy -mount=secret -versions=1,2 payments/db
`,
)
