import { write } from '../../api/index.ts'
import { type Command, CommandFailed, defineCommand } from '../../command.ts'
import { connect, connectionFlags } from '../../connection.ts'
import { flag } from '../../flag.ts'
import { formatFlags, printerOf } from '../../output/index.ts'
import { printWritten } from '../written.ts'
import { expectV2, mountFlags, placeOf } from './place.ts'
import { dataOf, previousVersion } from './previous.ts'

export const command: Command = defineCommand({
  usage: 'kv rollback [options] KEY',
  about: `
Make an earlier version of a secret the current one, by writing it again as a
new version.

    $ {program} kv rollback -mount=secret -version=2 payments/db
`,
  flags: {
    ...connectionFlags,
    ...formatFlags,
    ...mountFlags,
    version: flag.int('The version to go back to.'),
  },
  async run(ctx, { flags, args }) {
    const out = printerOf(ctx, flags)
    const { version } = flags
    if (args.length !== 1) throw new CommandFailed(`Invalid number of arguments (expected 1, got ${args.length})`)
    if (version === undefined) throw new CommandFailed('Version flag must be specified')
    if (version <= 0) throw new CommandFailed(`Invalid value ${version} for the version flag`)
    const client = await connect(ctx, flags)
    const place = await placeOf(client, flags.mount, args[0] as string)
    expectV2(place, 'K/V engine mount must be version 2 for rollback support', 2)
    const path = place.path('data')
    const current = await previousVersion(client, path, 'rollback')
    const wanted = await previousVersion(client, path, 'rollback', version)
    if ((wanted.metadata['deletion_time'] ?? '') !== '') throw new CommandFailed('Cannot roll back to a version that has been deleted', 2)
    if (wanted.metadata['destroyed'] === true) throw new CommandFailed('Cannot roll back to a version that has been destroyed', 2)
    const data = dataOf(wanted, path, 'rollback')
    return await printWritten(out, path, undefined, () => write(client, path, { data, options: { cas: current.metadata['version'] } }))
  },
})
