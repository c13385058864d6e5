import { releaseLock } from '../../../reconciler/github/index.ts'
import { defineCommand, type Command } from '../../command.ts'
import { flag } from '../../flag.ts'
import { environmentFlag, openGitHub, orGitHubFailed, pullRequestOf, repositoryFlags } from '../../github/index.ts'
import { expectArgs } from '../../input/index.ts'

export const command: Command = defineCommand({
  usage: 'github unlock [options]',
  about: `
Give back the lock of a target, if the pull request has it; with -force, whoever
has it.

    $ {program} github unlock -environment=production -pull-request=7

The token is GITHUB_TOKEN or GH_TOKEN, and needs to write contents.
`,
  flags: {
    ...repositoryFlags,
    environment: environmentFlag,
    pullRequest: flag.int('The number of the pull request. Without it, the one that the run is of.', { group: 'GitHub Options' }),
    force: flag.bool('Give it back whoever has it.', { group: 'GitHub Options' }),
  },
  async run(ctx, { flags, args }) {
    expectArgs(args, 0)
    const own = flags.force ? undefined : await pullRequestOf(ctx, flags.pullRequest)
    const github = await openGitHub(ctx, flags)
    const isGiven = await orGitHubFailed(() => releaseLock(github, flags.environment, own))
    ctx.stdout.write(isGiven ? `${flags.environment} is unlocked.\n` : 'There was nothing to unlock.\n')
    return 0
  },
})
