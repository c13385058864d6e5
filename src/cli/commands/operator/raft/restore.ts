import { open } from 'node:fs/promises'
import { resolve } from 'node:path'
import { attempt, send } from '../../../api/index.ts'
import { type Command, CommandFailed, defineCommand } from '../../../command.ts'
import { connect, connectionFlags } from '../../../connection.ts'
import { flag } from '../../../flag.ts'
import { expectArgs } from '../../../input/index.ts'

export const command: Command = defineCommand({
  usage: 'operator raft snapshot restore [options] FILE',
  about: `
Put the store that was saved in place of the server's: all that was written since
is gone. What is there is replaced as a whole, or not at all.

    $ {program} operator raft snapshot restore backup.snap

A snapshot of another server, or of one whose keys are others now, is refused.
With -force it is taken, and the server is sealed until the shares come that
belong to the snapshot:

    $ {program} operator raft snapshot restore -force backup.snap
`,
  flags: {
    ...connectionFlags,
    force: flag.bool('Take a snapshot of another server, or of other keys.', { group: 'Command Options' }),
  },
  async run(ctx, { flags, args }) {
    expectArgs(args, 1)
    const client = await connect(ctx, flags)
    const file = args[0] as string
    const handle = await open(resolve(ctx.cwd, file)).catch((cause: NodeJS.ErrnoException) => {
      throw new CommandFailed(
        `Error opening snapshot file: open ${file}: ${cause.code === 'ENOENT' ? 'no such file or directory' : cause.message}`,
        2,
        {
          cause,
        },
      )
    })
    try {
      const path = flags.force ? 'sys/storage/raft/snapshot-force' : 'sys/storage/raft/snapshot'
      await attempt('Error installing the snapshot', () => send(client, { method: 'POST', path, upload: handle.createReadStream() }), 2)
      return 0
    } finally {
      await handle.close()
    }
  },
})
