import { policyFor } from '../../reconciler/index.ts'
import { plain, renderFindings } from '../../reconciler/report/index.ts'
import { CommandFailed, defineCommand, type Command } from '../command.ts'
import { flag } from '../flag.ts'
import { exitCodes, folderOf, orFail } from '../reconcile/index.ts'

export const command: Command = defineCommand({
  usage: 'policy-for [options] plan|apply',
  about: `
Print the smallest policy with which a token can plan, or apply, this repository:
its own objects, the ledger, and nothing else. It names each path, so it has to be
made anew when objects are added.

    $ {program} policy-for plan | {program} policy write lockstep-plan -
    $ {program} policy-for -deletes apply > policies/lockstep-apply.hcl

The policy for "plan" reads only, and lists, so that what is not managed is seen.
The one for "apply" can change its own ledger's folder and the objects that the
files describe; with -deletes also remove them.
`,
  flags: {
    dir: flag.string('The managed repository. Without it, the nearest one around the current folder.', {
      group: 'Repository Options',
      env: 'LOCKSTEP_DIR',
    }),
    commit: flag.string('Take the files as this commit has them (HEAD, a branch, a tag, an id), not as they lie.', {
      group: 'Repository Options',
    }),
    environment: flag.string('With the files of targets/<name>/ laid over the others.', {
      group: 'Repository Options',
      env: 'LOCKSTEP_ENVIRONMENT',
    }),
    name: flag.string('What the policy will be called. Without it, lockstep-plan or lockstep-apply.', { group: 'Policy Options' }),
    deletes: flag.bool('Let apply remove what the files no longer describe.', { group: 'Policy Options' }),
  },
  async run(ctx, { flags, args }) {
    const [job, surplus] = args
    if ((job !== 'plan' && job !== 'apply') || surplus !== undefined) throw new CommandFailed('expected one argument: plan or apply')
    return await orFail(async () => {
      const made = await policyFor({
        job,
        dir: await folderOf(ctx, flags.dir),
        source: flags.commit === undefined ? 'worktree' : { commit: flags.commit },
        ...(flags.environment === undefined ? {} : { environment: flags.environment }),
        name: flags.name ?? `lockstep-${job}`,
        deletes: flags.deletes,
        now: ctx.clock.now(),
      })
      if (made.is === 'broken') {
        ctx.stderr.write(renderFindings(made.findings, plain))
        return exitCodes.failed
      }
      ctx.stdout.write(made.text)
      return exitCodes.clean
    })
  },
})
