import { writeCommitStatus } from '../../../reconciler/github/index.ts'
import { planHeadline } from '../../../reconciler/report/comment/index.ts'
import { defineCommand, type Command } from '../../command.ts'
import { flag } from '../../flag.ts'
import { githubFlags, openGitHub, openJob, orGitHubFailed, shaOf } from '../../github/index.ts'
import { expectArgs } from '../../input/index.ts'

export const command: Command = defineCommand({
  usage: 'github status -plan=FILE [options]',
  about: `
Put how a plan went into a status of a commit: success, failure where a guard
refuses it, error where none could be made.

    $ {program} github status -plan=plan.json -context=lockstep/production

The token is GITHUB_TOKEN or GH_TOKEN, and needs to write statuses.
`,
  flags: {
    ...githubFlags,
    sha: flag.string('The commit. Without it, the head of the pull request, or GITHUB_SHA.', { group: 'GitHub Options' }),
    context: flag.string('Tells this status from others. Without it, lockstep/plan/ENVIRONMENT.', { group: 'GitHub Options' }),
  },
  async run(ctx, { flags, args }) {
    expectArgs(args, 0)
    const { plan, options } = await openJob(ctx, flags)
    const sha = await shaOf(ctx, flags.sha)
    const github = await openGitHub(ctx, flags)
    await orGitHubFailed(() =>
      writeCommitStatus(github, {
        sha,
        state: plan === undefined ? 'error' : plan.refusals.length > 0 ? 'failure' : 'success',
        context: flags.context ?? `lockstep/plan/${options.target}`,
        description: plan === undefined ? 'Plan: failed' : planHeadline(plan),
        ...(options.url === undefined ? {} : { url: options.url }),
      }),
    )
    return 0
  },
})
