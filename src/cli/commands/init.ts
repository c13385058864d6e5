import { existsSync } from 'node:fs'
import { mkdir, writeFile } from 'node:fs/promises'
import { dirname, join } from 'node:path'
import { CommandFailed, defineCommand, type Command } from '../command.ts'
import { flag } from '../flag.ts'
import { starterFiles, workflowFiles } from '../init/index.ts'
import { expectArgs } from '../input/index.ts'
import { absolute } from '../reconcile/index.ts'

/** A branch or a tag can be moved, and what runs there logs in to the server. */
const ACTION = /^[\w.-]+\/[\w.-]+(?:\/[\w./-]+)?@[0-9a-f]{40}$/

export const command: Command = defineCommand({
  usage: 'init [options] DIR',
  about: `
Make a new managed repository: lockstep.yaml, a secrets engine, a policy, a role and
a test of who reaches what. It is there to be changed.

    $ {program} init vault-policies && cd vault-policies && {program} test

With -github it gets workflows too: lint and plan for pull requests, apply on merge,
drift every hour. They run Lockstep's action at the commit that -action names.

    $ {program} init -github -action=OWNER/lockstep@COMMIT vault-policies

Where one of the files is there already, nothing is written.
`,
  flags: {
    github: flag.bool('With workflows for GitHub Actions.'),
    action: flag.string("Lockstep's action, at a commit: OWNER/NAME@ with the 40 digits of the commit."),
  },
  async run(ctx, { flags, args }) {
    expectArgs(args, 1)
    const dir = absolute(ctx, args[0] ?? '')
    const files = Object.entries({ ...starterFiles, ...(flags.github ? workflowFiles(actionOf(flags.action)) : {}) })
    const there = files.map(([path]) => join(dir, path)).filter(it => existsSync(it))
    if (there.length > 0) refuse(new Error(`there is already ${there.join(', ')}; nothing was written`))
    for (const [path, text] of files) {
      const file = join(dir, path)
      await mkdir(dirname(file), { recursive: true }).catch(refuse)
      await writeFile(file, text, { flag: 'wx' }).catch(refuse)
    }
    ctx.stdout.write(files.map(([path]) => `${join(args[0] ?? '', path)}\n`).join(''))
    return 0
  },
})

function refuse(cause: Error): never {
  throw new CommandFailed(cause.message, 1, { cause })
}

function actionOf(action: string | undefined): string {
  if (action !== undefined && ACTION.test(action)) return action
  throw new CommandFailed("-github needs Lockstep's action at a commit: -action=OWNER/NAME@ with the 40 digits of the commit")
}
