import { pullRequestOfCommit, reviewedHash } from '../../../reconciler/github/index.ts'
import { CommandFailed, defineCommand, type Command } from '../../command.ts'
import { flag } from '../../flag.ts'
import { environmentFlag, openGitHub, orGitHubFailed, repositoryFlags, shaOf } from '../../github/index.ts'
import { expectArgs } from '../../input/index.ts'

export const command: Command = defineCommand({
  usage: 'github reviewed [options]',
  about: `
Print the hash of the plan that was reviewed: the one in the comment of the pull
request, or of the pull request that a commit was merged by.

    $ {program} github reviewed -sha=$(git rev-parse HEAD)

The exit code is 1 if there is none. The token is GITHUB_TOKEN or GH_TOKEN, and
needs to read pull requests.
`,
  flags: {
    ...repositoryFlags,
    environment: environmentFlag,
    pullRequest: flag.int('The number of the pull request. Without it, the one that the commit was merged by.', {
      group: 'GitHub Options',
    }),
    sha: flag.string('The commit. Without it, GITHUB_SHA.', { group: 'GitHub Options' }),
  },
  async run(ctx, { flags, args }) {
    expectArgs(args, 0)
    const github = await openGitHub(ctx, flags)
    const number = flags.pullRequest ?? (await orGitHubFailed(async () => await pullRequestOfCommit(github, await shaOf(ctx, flags.sha))))
    if (number === undefined) throw new CommandFailed('no pull request has brought this commit, so nobody has reviewed a plan')
    const hash = await orGitHubFailed(() => reviewedHash(github, number, flags.environment))
    if (hash === undefined) throw new CommandFailed(`the pull request #${number} has no comment with a plan for ${flags.environment}`)
    ctx.stdout.write(`${hash}\n`)
    return 0
  },
})
