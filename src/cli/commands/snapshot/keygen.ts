import { open } from 'node:fs/promises'
import { newSnapshotKeys } from '../../../reconciler/index.ts'
import { CommandFailed, defineCommand, type Command, type Context } from '../../command.ts'
import { flag } from '../../flag.ts'
import { expectArgs } from '../../input/index.ts'
import { absolute } from '../../reconcile/index.ts'

export const command: Command = defineCommand({
  usage: 'snapshot keygen -out=NAME',
  about: `
Make a pair of keys for snapshots: NAME.key signs, and NAME.pub checks.

    $ {program} snapshot keygen -out=snapshot

Keep NAME.key as a secret of the workflow that takes snapshots. Commit NAME.pub to the
branch that reviews are against, and give it to "plan -snapshot-key" from there, not
from the branch of the pull request.
`,
  flags: { out: flag.string('What the two files are called, without .key and .pub.') },
  async run(ctx, { flags, args }) {
    expectArgs(args, 0)
    const { out } = flags
    if (out === undefined || out === '') throw new CommandFailed('snapshot keygen needs -out')
    const { privateKey, publicKey } = newSnapshotKeys()
    await write(ctx, `${out}.key`, privateKey, 0o600)
    await write(ctx, `${out}.pub`, publicKey, 0o644)
    ctx.stdout.write(`Wrote ${out}.key, which is a secret, and ${out}.pub.\n`)
    return 0
  },
})

/** A key that is there already is never overwritten: somebody's snapshots are signed by it. */
async function write(ctx: Context, path: string, text: string, mode: number): Promise<void> {
  try {
    const file = await open(absolute(ctx, path), 'wx', mode)
    try {
      await file.writeFile(text)
    } finally {
      await file.close()
    }
  } catch (cause) {
    throw new CommandFailed(`cannot write ${path}: ${(cause as Error).message}`, 1, { cause })
  }
}
