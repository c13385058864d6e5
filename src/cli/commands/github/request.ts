import {
  atLeast,
  isApproved,
  permissionOf,
  react,
  readPullRequest,
  say,
  type GitHub,
  type PullRequest,
} from '../../../reconciler/github/index.ts'
import { defineCommand, type Command } from '../../command.ts'
import { flag } from '../../flag.ts'
import {
  commentOf,
  openGitHub,
  orGitHubFailed,
  pullRequestOf,
  repositoryFlags,
  requestIn,
  setOutputs,
  type Request,
} from '../../github/index.ts'
import { expectArgs } from '../../input/index.ts'

const NOTHING = { request: '', pull_request: '', sha: '' }

export const command: Command = defineCommand({
  usage: 'github request [options]',
  about: `
Tell what the comment that started a workflow asks for: "/lockstep plan",
"/lockstep apply" or "/lockstep unlock" on its first line. Whoever asks must have
the right to write to the repository, the pull request must be open and no fork's,
and for an apply somebody must have approved the very commit that it is about.

    $ {program} github request

The outputs are request (empty: nothing is to be done), pull_request and sha, which
is the commit that was looked at; later jobs take that one and no newer one. The
answer is seen beside the comment.

The token is GITHUB_TOKEN or GH_TOKEN, and needs to write pull requests.
`,
  flags: {
    ...repositoryFlags,
    requireApproval: flag.bool('For an apply, ask that the commit was approved.', { group: 'GitHub Options', default: true }),
  },
  async run(ctx, { flags, args }) {
    expectArgs(args, 0)
    const comment = await commentOf(ctx)
    const request = comment === undefined ? undefined : requestIn(comment.body)
    if (comment === undefined || request === undefined) {
      await setOutputs(ctx, NOTHING)
      return 0
    }
    const number = await pullRequestOf(ctx, undefined)
    const github = await openGitHub(ctx, flags)
    return await orGitHubFailed(async () => {
      // Whoever may not ask gets no answer that others have to read.
      if (!atLeast(await permissionOf(github, comment.by), 'write')) {
        await react(github, comment.id, '-1')
        await setOutputs(ctx, NOTHING)
        ctx.stderr.write(`${comment.by} may not write to the repository\n`)
        return 0
      }
      const pullRequest = await readPullRequest(github, number)
      const refusal = await refusalOf(github, request, pullRequest, flags.requireApproval)
      if (refusal !== undefined) {
        await react(github, comment.id, '-1')
        await say(github, number, `\`/lockstep ${request}\`: ${refusal}.`)
        await setOutputs(ctx, NOTHING)
        ctx.stderr.write(`${refusal}\n`)
        return 0
      }
      await react(github, comment.id, 'eyes')
      await setOutputs(ctx, { request, pull_request: number, sha: pullRequest.sha })
      return 0
    })
  },
})

async function refusalOf(github: GitHub, request: Request, pullRequest: PullRequest, needsApproval: boolean): Promise<string | undefined> {
  if (request === 'unlock') return undefined
  if (!pullRequest.isOpen) return 'the pull request is closed'
  if (pullRequest.isFork) return 'files of a fork are not taken to the server; a snapshot of it is what they are planned with'
  if (request !== 'apply' || !needsApproval || (await isApproved(github, pullRequest))) return undefined
  return `nobody has approved the commit ${pullRequest.sha.slice(0, 10)}, or somebody asks for changes`
}
