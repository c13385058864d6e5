import { connectGitHub, type GitHub } from '../../reconciler/github/index.ts'
import { CommandFailed, type Context } from '../command.ts'
import type { ValuesOf } from '../flag.ts'
import { failed } from './failed.ts'
import type { GitHubFlags } from './job.ts'

/** The token comes from the environment alone: arguments are for everybody to see. @throws CommandFailed */
export function openGitHub(ctx: Context, { repository, author }: ValuesOf<Pick<GitHubFlags, 'repository' | 'author'>>): GitHub {
  const { env } = ctx
  const token = [env['GITHUB_TOKEN'], env['GH_TOKEN']].find(it => it !== undefined && it !== '')
  if (token === undefined) throw new CommandFailed('there is no token for GitHub: set GITHUB_TOKEN or GH_TOKEN')
  if (repository === undefined || repository === '') {
    throw new CommandFailed('say which repository on GitHub: -repository=OWNER/NAME, or GITHUB_REPOSITORY')
  }
  const baseUrl = env['GITHUB_API_URL'] ?? ''
  return failed(() =>
    connectGitHub({
      repository,
      token,
      ...(baseUrl === '' ? {} : { baseUrl }),
      ...(author === undefined || author === '' ? {} : { author }),
      now: () => ctx.clock.now(),
      sleep: ms => ctx.sleep(ms),
      signal: ctx.signal,
    }),
  )
}
