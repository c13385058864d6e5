import { createPrivateKey, sign, type KeyObject } from 'node:crypto'
import { clientOf, type GitHubOptions } from './connect.ts'
import { GitHubFailure } from './failure.ts'

export interface AppOptions extends Omit<GitHubOptions, 'token' | 'author'> {
  /** The app's id or its client id. */
  readonly appId: string
  /** PEM, as GitHub gave it for download. */
  readonly privateKey: string
}

/** What an app writes with, for an hour, in one repository. */
export interface InstallationToken {
  readonly token: string
  /** `NAME[bot]`: under which it writes. */
  readonly login: string
}

/** In seconds. GitHub takes no more than ten minutes, and clocks differ. */
const [BEFORE, AFTER] = [60, 540]

/**
 * Turns an app's private key into a token for one repository. See "Generating a JSON Web Token for a GitHub App" and "Create an
 * installation access token for an app" of GitHub's documentation.
 *
 * @throws GitHubFailure where the key is none, or the app is not installed in the repository
 */
export async function installationToken(options: AppOptions): Promise<InstallationToken> {
  const [owner = '', repo = ''] = options.repository.split('/')
  const { rest } = clientOf(options, `bearer ${appJwt(options.appId, keyOf(options.privateKey), options.now())}`)
  const [{ data: app }, { data: installation }] = await Promise.all([
    rest.apps.getAuthenticated(),
    rest.apps.getRepoInstallation({ owner, repo }),
  ])
  const { data } = await rest.apps.createInstallationAccessToken({ installation_id: installation.id, repositories: [repo] })
  return { token: data.token, login: `${app?.slug ?? options.appId}[bot]` }
}

function keyOf(pem: string): KeyObject {
  try {
    // Settings of CI systems that take one line alone have the line ends written out.
    const key = createPrivateKey(pem.includes('\n') ? pem : pem.replaceAll('\\n', '\n'))
    if (key.asymmetricKeyType === 'rsa') return key
  } catch {
    // What is wrong with a private key is nobody's to read.
  }
  throw new GitHubFailure('the private key of the app (GITHUB_APP_PRIVATE_KEY) is none; expected an RSA key as PEM')
}

function appJwt(appId: string, key: KeyObject, now: Date): string {
  const seconds = Math.floor(now.getTime() / 1000)
  const part = (value: object): string => Buffer.from(JSON.stringify(value)).toString('base64url')
  const signed = `${part({ alg: 'RS256', typ: 'JWT' })}.${part({ iat: seconds - BEFORE, exp: seconds + AFTER, iss: appId })}`
  return `${signed}.${sign('sha256', Buffer.from(signed), key).toString('base64url')}`
}
