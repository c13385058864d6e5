import { Octokit } from '@octokit/rest'
import { GitHubFailure } from './failure.ts'
import { waitBefore, type FailedReply } from './wait.ts'

export interface GitHubOptions {
  /** `OWNER/NAME`. */
  readonly repository: string
  /** Of a workflow, an app's installation or a person. Goes into a header and nowhere else. */
  readonly token: string
  /** Without it, https://api.github.com; GitHub Enterprise Server has https://HOST/api/v3. */
  readonly baseUrl?: string
  /** Whose comments and issues are ours. Without it: who the token belongs to. */
  readonly author?: string
  now(): Date
  sleep(ms: number): Promise<void>
  readonly signal?: AbortSignal
}

/** One repository, as one writer. */
export interface GitHub {
  readonly rest: Octokit['rest']
  readonly paginate: Octokit['paginate']
  readonly owner: string
  readonly repo: string
  /** The login under which this token writes. */
  author(): Promise<string>
}

/** The token of a workflow may not ask who it is; this is who it is. */
const ACTIONS = 'github-actions[bot]'

/** @throws GitHubFailure where an option cannot be right */
export function connectGitHub(options: GitHubOptions): GitHub {
  const [owner = '', repo = '', ...more] = options.repository.split('/')
  if (more.length > 0 || ![owner, repo].every(it => /^[\w.-]+$/.test(it) && !/^\.+$/.test(it))) {
    throw new GitHubFailure(`"${options.repository}" is no repository; expected OWNER/NAME`)
  }
  const octokit = clientOf(options, `token ${options.token}`)
  let login: Promise<string> | undefined
  return {
    rest: octokit.rest,
    paginate: octokit.paginate,
    owner,
    repo,
    author: () => (login ??= options.author === undefined ? ownLogin(octokit) : Promise.resolve(options.author)),
  }
}

/** @param authorization goes into the header of that name */
export function clientOf(options: Omit<GitHubOptions, 'repository' | 'token' | 'author'>, authorization: string): Octokit {
  const octokit = new Octokit({
    userAgent: 'lockstep',
    baseUrl: checkedBase(options.baseUrl ?? 'https://api.github.com'),
    log: { debug() {}, info() {}, warn() {}, error() {} },
    ...(options.signal === undefined ? {} : { request: { signal: options.signal } }),
  })
  octokit.hook.before('request', request => {
    request.headers.authorization = authorization
  })
  octokit.hook.wrap('request', async (send, request) => {
    for (let tried = 0; ; tried++) {
      try {
        return await send(request)
      } catch (cause) {
        const reply = replyOf(cause)
        const wait = options.signal?.aborted === true ? undefined : waitBefore(reply, request.method, tried, options.now())
        if (wait === undefined) throw cause
        await options.sleep(wait)
      }
    }
  })
  octokit.hook.error('request', (cause, { method, url }) => {
    const status = replyOf(cause)?.status
    const failure = new GitHubFailure(`GitHub: ${method} ${url}: ${status === undefined ? cause.message : `${status} ${reasonOf(cause)}`}`)
    throw Object.assign(failure, { status })
  })
  return octokit
}

async function ownLogin(octokit: Octokit): Promise<string> {
  try {
    const { data } = await octokit.rest.users.getAuthenticated()
    return data.login
  } catch (cause) {
    if (statusOf(cause) === 403) return ACTIONS
    throw cause
  }
}

/** The HTTP status of a refusal. */
export const statusOf = (cause: unknown): number | undefined =>
  cause instanceof GitHubFailure ? (cause as { readonly status?: number }).status : undefined

/** A token never travels in clear, but to this very machine. */
function checkedBase(text: string): string {
  const url = URL.parse(text)
  const isHere = url !== null && /^(127(\.\d+){3}|localhost|\[::1\])$/.test(url.hostname)
  if (url === null || !(url.protocol === 'https:' || (url.protocol === 'http:' && isHere)) || url.username !== '') {
    throw new GitHubFailure('the address of the API of GitHub (GITHUB_API_URL) is not right; expected https://HOST/…')
  }
  return text.replace(/\/+$/, '')
}

interface Refused extends Error {
  readonly status: number
  readonly response?: { readonly headers: FailedReply['headers']; readonly data: unknown }
}

function replyOf(cause: unknown): FailedReply | undefined {
  const { response } = cause as Partial<Refused>
  if (response === undefined) return undefined
  const data = response.data as { readonly documentation_url?: unknown } | undefined
  const page = data?.documentation_url
  return { status: (cause as Refused).status, headers: response.headers, documentation: typeof page === 'string' ? page : '' }
}

/** What GitHub says, on one line and without control characters. */
function reasonOf(cause: Error): string {
  const data = (cause as Partial<Refused>).response?.data as { readonly message?: unknown } | undefined
  return (typeof data?.message === 'string' ? data.message : 'no reason given').replace(/\p{Cc}+/gu, ' ').slice(0, 300)
}
