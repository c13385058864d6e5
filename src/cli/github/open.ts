import { connectGitHub, installationToken, type GitHub } from '../../reconciler/github/index.ts'
import { CommandFailed, type Context } from '../command.ts'
import type { ValuesOf } from '../flag.ts'
import { failed, orGitHubFailed } from './failed.ts'
import type { RepositoryFlags } from './job.ts'

/**
 * The token, or the app's key that one is made from, comes from the environment alone: arguments are for everybody to see.
 *
 * @throws CommandFailed
 */
export async function openGitHub(ctx: Context, { repository, author }: ValuesOf<RepositoryFlags>): Promise<GitHub> {
  const { env } = ctx
  const given = (name: string): string | undefined => (env[name] === '' ? undefined : env[name])
  if (repository === undefined || repository === '') {
    throw new CommandFailed('say which repository on GitHub: -repository=OWNER/NAME, or GITHUB_REPOSITORY')
  }
  const baseUrl = given('GITHUB_API_URL')
  const options = {
    repository,
    ...(baseUrl === undefined ? {} : { baseUrl }),
    now: () => ctx.clock.now(),
    sleep: (ms: number) => ctx.sleep(ms),
    signal: ctx.signal,
  }
  const [appId, privateKey] = [given('GITHUB_APP_ID'), given('GITHUB_APP_PRIVATE_KEY')]
  if ((appId === undefined) !== (privateKey === undefined)) {
    throw new CommandFailed('an app has both an id and a key: set GITHUB_APP_ID and GITHUB_APP_PRIVATE_KEY')
  }
  if (appId !== undefined && privateKey !== undefined) {
    const { token, login } = await orGitHubFailed(() => installationToken({ ...options, appId, privateKey }))
    return failed(() => connectGitHub({ ...options, token, author: login }))
  }
  const token = given('GITHUB_TOKEN') ?? given('GH_TOKEN')
  if (token === undefined) {
    throw new CommandFailed('there is no token for GitHub: set GITHUB_TOKEN or GH_TOKEN, or GITHUB_APP_ID and GITHUB_APP_PRIVATE_KEY')
  }
  return failed(() => connectGitHub({ ...options, token, ...(author === undefined || author === '' ? {} : { author }) }))
}
