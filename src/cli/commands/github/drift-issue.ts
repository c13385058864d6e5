import { keepDriftIssue } from '../../../reconciler/github/index.ts'
import { driftIssueText } from '../../../reconciler/report/comment/index.ts'
import { CommandFailed, defineCommand, type Command } from '../../command.ts'
import { flag } from '../../flag.ts'
import { githubFlags, openGitHub, openJob, orGitHubFailed } from '../../github/index.ts'
import { expectArgs } from '../../input/index.ts'

export const command: Command = defineCommand({
  usage: 'github drift-issue -plan=FILE [options]',
  about: `
Keep one issue that tells of the drift of a target: opened when the server differs
from the repository, edited while it does, closed when it does not any more.

    $ {program} plan -commit=HEAD -json > plan.json
    $ {program} github drift-issue -plan=plan.json -label=security

The token is GITHUB_TOKEN or GH_TOKEN, and needs to write issues.
`,
  flags: {
    ...githubFlags,
    label: flag.strings('A label for the issue beside "lockstep-drift", by which it is found. May be repeated.', {
      group: 'GitHub Options',
    }),
  },
  async run(ctx, { flags, args }) {
    expectArgs(args, 0)
    const { plan, options } = await openJob(ctx, flags)
    // Where nothing is known, an issue is neither opened nor closed.
    if (plan === undefined) throw new CommandFailed('there is no plan to tell a drift from; the log of "plan" says why')
    const github = await openGitHub(ctx, flags)
    const drift = driftIssueText(plan, options)
    const outcome = await orGitHubFailed(() =>
      keepDriftIssue(github, {
        target: options.target,
        labels: ['lockstep-drift', ...flags.label],
        resolved: `The server is as the repository says again${options.url === undefined ? '.' : `: ${options.url}`}`,
        ...(drift === undefined ? {} : { drift }),
      }),
    )
    ctx.stdout.write(outcome.is === 'nothing' ? 'No drift, and no issue.\n' : `Issue #${outcome.number}: ${outcome.is}\n`)
    return 0
  },
})
