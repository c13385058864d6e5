import { writeCheckRun } from '../../../reconciler/github/index.ts'
import { checkSummary, failureComment, planAnnotations, planHeadline } from '../../../reconciler/report/comment/index.ts'
import { defineCommand, type Command } from '../../command.ts'
import { flag } from '../../flag.ts'
import { githubFlags, openGitHub, openJob, orGitHubFailed, shaOf } from '../../github/index.ts'
import { expectArgs } from '../../input/index.ts'

export const command: Command = defineCommand({
  usage: 'github check -plan=FILE [options]',
  about: `
Put a plan into a check of a commit, with its findings beside the lines of the
files. The check fails where no plan could be made and where a guard refuses it.

    $ {program} github check -plan=plan.json -sha=$(git rev-parse HEAD)

The token is GITHUB_TOKEN or GH_TOKEN of a workflow or an app, and needs to write
checks.
`,
  flags: {
    ...githubFlags,
    sha: flag.string('The commit. Without it, the head of the pull request, or GITHUB_SHA.', { group: 'GitHub Options' }),
  },
  async run(ctx, { flags, args }) {
    expectArgs(args, 0)
    const { plan, findings, options } = await openJob(ctx, flags)
    const sha = await shaOf(ctx, flags.sha)
    const github = await openGitHub(ctx, flags)
    await orGitHubFailed(() =>
      writeCheckRun(github, {
        name: `lockstep plan (${options.target})`,
        sha,
        conclusion: plan === undefined || plan.refusals.length > 0 ? 'failure' : 'success',
        title: plan === undefined ? 'Plan: failed' : planHeadline(plan),
        summary: plan === undefined ? failureComment(findings, { ...options, longest: 16_000 }) : checkSummary(plan, options),
        externalId: plan?.digest ?? 'failed',
        annotations: planAnnotations(findings, plan?.steps),
        ...(options.url === undefined ? {} : { detailsUrl: options.url }),
      }),
    )
    return 0
  },
})
