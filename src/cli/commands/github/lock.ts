import { pullRequestOfCommit, lockOf, takeLock } from '../../../reconciler/github/index.ts'
import { defineCommand, type Command } from '../../command.ts'
import { flag } from '../../flag.ts'
import { environmentFlag, openGitHub, orGitHubFailed, pullRequestOf, repositoryFlags, setOutputs, shaOf } from '../../github/index.ts'
import { expectArgs } from '../../input/index.ts'
import { exitCodes } from '../../reconcile/index.ts'

export const command: Command = defineCommand({
  usage: 'github lock [options]',
  about: `
Take the lock of a target for a pull request, so that no other is planned or
applied by comments until this one is merged, closed or unlocked. Who has it
already keeps it.

    $ {program} github lock -environment=production -pull-request=7

With -check it is only looked at, for the pull request that a commit was merged by:
an apply on merge is not to undo what another pull request has applied already.

The exit code is 3 if another pull request has the lock. The token is GITHUB_TOKEN
or GH_TOKEN, and needs to write contents (with -check: to read them).
`,
  flags: {
    ...repositoryFlags,
    environment: environmentFlag,
    pullRequest: flag.int('The number of the pull request. Without it, the one that the run is of.', { group: 'GitHub Options' }),
    check: flag.bool('Only look whether another pull request has it.', { group: 'GitHub Options' }),
  },
  async run(ctx, { flags, args }) {
    expectArgs(args, 0)
    const github = await openGitHub(ctx, flags)
    const own = flags.check
      ? (flags.pullRequest ?? (await orGitHubFailed(async () => await pullRequestOfCommit(github, await shaOf(ctx, undefined)))))
      : await pullRequestOf(ctx, flags.pullRequest)
    const { environment } = flags
    const now = { by: ctx.env['GITHUB_ACTOR'] ?? '', at: ctx.clock.now().toISOString() }
    const holder = await orGitHubFailed(
      async () =>
        await (flags.check || own === undefined
          ? lockOf(github, environment)
          : takeLock(github, environment, { pull_request: own, ...now })),
    )
    if (holder === undefined || holder.pull_request === own) {
      ctx.stdout.write(holder === undefined ? `${environment} is not locked.\n` : `${environment} is locked by #${holder.pull_request}.\n`)
      return exitCodes.clean
    }
    if ((ctx.env['GITHUB_OUTPUT'] ?? '') !== '') await setOutputs(ctx, { failure_reason: 'locked' })
    ctx.stderr.write(
      `${environment} is locked by #${holder.pull_request} (${holder.by}, ${holder.at}): merge or close it, or say "/lockstep unlock" there\n`,
    )
    return exitCodes.refused
  },
})
