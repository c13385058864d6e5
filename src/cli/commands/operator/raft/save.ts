import { createWriteStream } from 'node:fs'
import { rename, rm } from 'node:fs/promises'
import { resolve } from 'node:path'
import { pipeline } from 'node:stream/promises'
import { attempt, send } from '../../../api/index.ts'
import { type Command, CommandFailed, defineCommand } from '../../../command.ts'
import { connect, connectionFlags } from '../../../connection.ts'
import { expectArgs } from '../../../input/index.ts'

export const command: Command = defineCommand({
  usage: 'operator raft snapshot save [options] FILE',
  about: `
Save the whole store of a server into a file, as it is at this moment, while the
server runs. The file takes its place only when it is whole.

    $ {program} operator raft snapshot save backup.snap
`,
  flags: connectionFlags,
  async run(ctx, { flags, args }) {
    expectArgs(args, 1)
    const client = await connect(ctx, flags)
    const file = resolve(ctx.cwd, args[0] as string)
    const part = `${file}.${process.pid}.part`
    const download = async (body: AsyncIterable<Uint8Array>): Promise<void> => {
      await pipeline(body, createWriteStream(part, { flags: 'wx', mode: 0o600, flush: true })).catch((cause: unknown) => {
        throw new CommandFailed(`Error writing the snapshot to ${file}: ${(cause as Error).message}`, 2, { cause })
      })
    }
    try {
      await attempt('Error taking the snapshot', () => send(client, { method: 'GET', path: 'sys/storage/raft/snapshot', download }), 2)
      await rename(part, file)
    } finally {
      await rm(part, { force: true })
    }
    return 0
  },
})
