import { mkdir } from 'node:fs/promises'
import { GitFailed, type Commit } from './repository.ts'
import { firstLineOf, runGit, type GitEnv } from './run-git.ts'

export interface CloneOptions {
  /** What `git clone` would take: HTTPS, SSH, a path. */
  readonly url: string
  readonly branch: string
  /** Where the clone lies. Made when it is not there. */
  readonly folder: string
  readonly env: GitEnv
  /** For HTTPS: sent as the password, by a header that no process list shows. */
  readonly token?: string
  readonly signal?: AbortSignal
}

/** A clone of one branch of a repository elsewhere, which nobody else works in. */
export interface Clone {
  readonly folder: string
  /**
   * Fetches the branch and checks out what it is at: also when it was written anew. A branch that is gone is a failure, and what was
   * fetched before stays.
   * @throws GitFailed
   */
  update(): Promise<Commit>
}

/**
 * Never runs what a repository brings along: no hooks, no submodules, no transport but those that Git knows itself.
 * @throws GitFailed when the address cannot be one
 */
export function cloneOf(options: CloneOptions): Clone {
  const { url, branch, folder } = options
  if (url.startsWith('-') || /[\n\0]/.test(url)) throw new GitFailed('the address of the repository is none')
  if (/^https?:\/\/[^/]*:[^/@]*@/.test(url))
    throw new GitFailed('the address of the repository holds a password, which every process list would show: give it as a token')
  return { folder, update: () => update({ ...options, url, branch }) }
}

async function update(options: CloneOptions): Promise<Commit> {
  const { url, branch, folder, signal } = options
  const env = { ...options.env, ...headerFor(options) }
  const git = (...args: readonly string[]): Promise<string> => runGit(folder, [...CONFINED, ...args], env, signal)
  try {
    await mkdir(folder, { recursive: true, mode: 0o700 })
    await git('init', '--quiet', '--template=', '.')
    // Named anew each time: the address may have moved.
    await git('config', 'remote.origin.url', url)
    const ref = `refs/remotes/origin/${branch}`
    await git('check-ref-format', ref)
    await git('fetch', '--quiet', '--force', '--no-tags', '--no-recurse-submodules', '--depth=1', 'origin', `+refs/heads/${branch}:${ref}`)
    const id = (await git('rev-parse', '--verify', `${ref}^{commit}`)).trim()
    await git('checkout', '--quiet', '--force', '--detach', id)
    const subject = (await git('log', '-1', '--no-show-signature', '--format=%s', id, '--')).trimEnd()
    return { id, subject }
  } catch (cause) {
    if (signal?.aborted === true) throw new GitFailed('stopped while the repository was fetched', { cause })
    throw new GitFailed(`the branch ${branch} cannot be fetched: ${firstLineOf(cause)}`, { cause })
  }
}

const CONFINED: readonly string[] = [
  'core.hooksPath=/dev/null',
  'protocol.ext.allow=never',
  'submodule.recurse=false',
  'advice.detachedHead=false',
].flatMap(it => ['-c', it])

/** By the environment, since arguments can be read by everybody on the machine. */
function headerFor({ url, token }: CloneOptions): GitEnv {
  if (token === undefined || !/^https?:\/\//.test(url)) return {}
  const credentials = Buffer.from(`x-access-token:${token}`).toString('base64')
  return {
    GIT_CONFIG_COUNT: '1',
    GIT_CONFIG_KEY_0: `http.${new URL('/', url).href}.extraHeader`,
    GIT_CONFIG_VALUE_0: `Authorization: Basic ${credentials}`,
  }
}
