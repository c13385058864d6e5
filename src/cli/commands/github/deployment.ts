import { recordDeployment, type DeploymentState } from '../../../reconciler/github/index.ts'
import { planHeadline } from '../../../reconciler/report/comment/index.ts'
import { CommandFailed, defineCommand, type Command } from '../../command.ts'
import { flag } from '../../flag.ts'
import { githubFlags, openGitHub, openJob, orGitHubFailed, shaOf } from '../../github/index.ts'
import { expectArgs } from '../../input/index.ts'

const STATES: readonly DeploymentState[] = ['in_progress', 'success', 'failure', 'error']

export const command: Command = defineCommand({
  usage: 'github deployment -plan=FILE -state=STATE [options]',
  about: `
Record how an apply goes as a deployment: of which commit, to which target, by the
plan with which hash. "in_progress" makes the record, "success", "failure" and
"error" end it.

    $ {program} github deployment -plan=plan.json -state=in_progress
    $ {program} apply plan.json && {program} github deployment -plan=plan.json -state=success

The token is GITHUB_TOKEN or GH_TOKEN, and needs to write deployments.
`,
  flags: {
    ...githubFlags,
    state: flag.string(`How it goes: ${STATES.join(', ')}.`, { group: 'GitHub Options' }),
    sha: flag.string('The commit. Without it, GITHUB_SHA.', { group: 'GitHub Options' }),
  },
  async run(ctx, { flags, args }) {
    expectArgs(args, 0)
    const state = STATES.find(it => it === flags.state)
    if (state === undefined) throw new CommandFailed(`say -state, one of ${STATES.join(', ')}`)
    const { plan, options } = await openJob(ctx, flags)
    if (plan === undefined) throw new CommandFailed('there is no plan that could be applied')
    const sha = await shaOf(ctx, flags.sha)
    const github = await openGitHub(ctx, flags)
    await orGitHubFailed(() =>
      recordDeployment(github, {
        sha,
        environment: `lockstep/${options.target}`,
        planHash: plan.digest,
        description: planHeadline(plan),
        state,
        ...(options.url === undefined ? {} : { url: options.url }),
      }),
    )
    return 0
  },
})
