import { createReadStream } from 'node:fs'
import { resolve } from 'node:path'
import { readSnapshot, SnapshotUnreadable } from '../../../../server/index.ts'
import { type Command, CommandFailed, defineCommand } from '../../../command.ts'
import { expectArgs } from '../../../input/index.ts'
import { columns, formatFlags, printerOf } from '../../../output/index.ts'

export const command: Command = defineCommand({
  usage: 'operator raft snapshot inspect [options] FILE',
  about: `
Print what a snapshot says of itself, and check that it is whole. That it is
genuine only the server can tell whose keys vouch for it. No server is asked.

    $ {program} operator raft snapshot inspect backup.snap
`,
  flags: formatFlags,
  async run(ctx, { flags, args }) {
    const out = printerOf(ctx, flags)
    expectArgs(args, 1)
    const file = args[0] as string
    try {
      const { facts } = await readSnapshot(createReadStream(resolve(ctx.cwd, file)))
      const { taken, storage, records, bytes } = facts
      const table = columns([
        ['Taken', taken],
        ['Storage Type', storage],
        ['Records', String(records)],
        ['Size', String(bytes)],
        ['Checksums', 'right'],
      ])
      return out.data({ taken, storage_type: storage, records, size: bytes, checksums: 'right' }, table)
    } catch (cause) {
      if (!(cause instanceof SnapshotUnreadable) && (cause as NodeJS.ErrnoException).code === undefined) throw cause
      throw new CommandFailed(`Error reading the snapshot ${file}: ${(cause as Error).message}`, 1, { cause })
    }
  },
})
