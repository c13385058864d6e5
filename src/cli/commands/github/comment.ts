import { writeStickyComment } from '../../../reconciler/github/index.ts'
import { failureComment, planComments } from '../../../reconciler/report/comment/index.ts'
import { defineCommand, type Command } from '../../command.ts'
import { flag } from '../../flag.ts'
import { githubFlags, openGitHub, openJob, orGitHubFailed, pullRequestOf } from '../../github/index.ts'
import { expectArgs } from '../../input/index.ts'

export const command: Command = defineCommand({
  usage: 'github comment -plan=FILE [options]',
  about: `
Put a plan into a comment of a pull request: escalations of access and losses of
data first. The comment that stands there is edited in place; a long plan takes
several.

    $ {program} plan -json > plan.json
    $ {program} github comment -plan=plan.json

The token is GITHUB_TOKEN or GH_TOKEN, and needs to write pull requests.
`,
  flags: {
    ...githubFlags,
    pullRequest: flag.int('The number of the pull request. Without it, the one that the run is of.', { group: 'GitHub Options' }),
  },
  async run(ctx, { flags, args }) {
    expectArgs(args, 0)
    const { plan, findings, options } = await openJob(ctx, flags)
    const bodies = plan === undefined ? [failureComment(findings, options)] : planComments(plan, options)
    const pullRequest = await pullRequestOf(ctx, flags.pullRequest)
    const github = await openGitHub(ctx, flags)
    await orGitHubFailed(() => writeStickyComment(github, { pullRequest, target: options.target, bodies }))
    return 0
  },
})
