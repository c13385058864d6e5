import { verify } from 'node:crypto'
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http'
import type { AddressInfo } from 'node:net'
import { GitHubGaps } from '../../stand-in/github/gaps.ts'
import { answerOf, operationOf, requestFlaw } from '../../stand-in/github/schemas.ts'

interface User {
  readonly login: string
}

export interface Comment {
  readonly id: number
  readonly issue: number
  body: string
  readonly user: User
}

export interface Issue {
  readonly number: number
  title: string
  body: string
  state: string
  state_reason?: string
  readonly labels: readonly string[]
  readonly user: User
  readonly pull_request?: object
}

export interface Asked {
  readonly method: string
  readonly path: string
  readonly body: Record<string, unknown>
}

/** What to answer in place of the reply that would be right. */
export interface Interruption {
  readonly status: number
  readonly headers?: Readonly<Record<string, string>>
  readonly body?: object
  /** The request is carried out nevertheless. */
  readonly isDone?: boolean
}

const TOKEN = 'planted-github-token'
export const BOT: User = { login: 'github-actions[bot]' }
const REPO = '/api/v3/repos/acme/vault-policies'

/**
 * Stands for GitHub's REST API at the edge of the port. Strict where GitHub is: methods, paths, the version of the API, credentials,
 * lengths and batches; a page holds what was asked for and links the next one.
 */
export class GitHubServer {
  readonly comments: Comment[] = []
  readonly issues: Issue[] = []
  readonly labels: string[] = []
  readonly checks: Record<string, unknown>[] = []
  readonly gaps: GitHubGaps = new GitHubGaps()
  readonly asked: Asked[] = []
  /** The app whose key may ask for a token. */
  readonly app = { id: '4711', slug: 'lockstep-bot', publicKey: '' }
  /** Who the token belongs to; undefined: it may not ask. */
  login: string | undefined
  interrupt: ((asked: Asked) => Interruption | undefined) | undefined
  #next = 1
  readonly #server: Server = createServer((request, response) => {
    this.#serve(request, response).catch((cause: Error) => {
      response.writeHead(500, { 'content-type': 'application/json' }).end(JSON.stringify({ message: cause.message }))
    })
  })

  static readonly token: string = TOKEN

  async open(): Promise<string> {
    await new Promise<void>(done => this.#server.listen(0, '127.0.0.1', done))
    return `http://127.0.0.1:${(this.#server.address() as AddressInfo).port}/api/v3`
  }

  async close(): Promise<void> {
    this.#server.closeAllConnections()
    await new Promise(done => this.#server.close(done))
  }

  comment(issue: number, body: string, user: User = BOT): Comment {
    const made = { id: this.#next++, issue, body, user }
    this.comments.push(made)
    return made
  }

  issue(title: string, body: string, labels: readonly string[], more: Partial<Issue> = {}): Issue {
    const made = { number: this.#next++, title, body, state: 'open', labels, user: BOT, ...more }
    this.issues.push(made)
    return made
  }

  async #serve(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const chunks: Buffer[] = []
    for await (const chunk of request) chunks.push(chunk as Buffer)
    const text = Buffer.concat(chunks).toString()
    const url = new URL(request.url ?? '', `http://${request.headers.host ?? ''}`)
    const asked = {
      method: request.method ?? '',
      path: url.pathname.replace(REPO, ''),
      body: text === '' ? {} : (JSON.parse(text) as Asked['body']),
    }
    this.asked.push(asked)
    const send = (status: number, data: unknown, headers: Readonly<Record<string, string>> = {}): void => {
      response.writeHead(status, { 'content-type': 'application/json; charset=utf-8', ...headers })
      response.end(status === 204 ? '' : JSON.stringify(data))
    }
    const wrong = headersWrong(request, text)
    if (wrong !== undefined) return send(400, { message: wrong })
    if (request.headers.authorization?.startsWith('bearer ') === true) {
      const [status, data] = appAnswer(this.app, request.headers.authorization, asked, TOKEN)
      return send(status, data)
    }
    if (request.headers.authorization !== `token ${TOKEN}`) return send(401, { message: 'Bad credentials' })
    const operation = operationOf(asked.method, url.pathname.replace('/api/v3', ''))
    if (operation === undefined) return send(404, { message: 'Not Found' })
    const flaw = text === '' ? undefined : requestFlaw(operation, asked.body)
    if (flaw !== undefined) return send(422, { message: `not as GitHub publishes it: ${flaw}` })
    const interruption = this.interrupt?.(asked)
    if (interruption !== undefined) {
      if (interruption.isDone === true) this.#answer(asked, url)
      return send(interruption.status, interruption.body ?? { message: 'interrupted' }, interruption.headers)
    }
    const [status, data, headers] = this.#answer(asked, url)
    send(status, data, headers)
  }

  #answer({ method, path, body }: Asked, url: URL): readonly [number, unknown, Record<string, string>?] {
    const line = `${method} ${path}`
    const full = url.pathname.replace('/api/v3', '')
    const other = this.gaps.answer(operationOf(method, full) ?? '', full, url, body)
    if (other !== undefined) return other
    const [, number = ''] = /\/(\d+)/.exec(path) ?? []
    const id = Number(number)
    if (line === 'GET /api/v3/user') return this.login === undefined ? forbidden : [200, { login: this.login }]
    if (/^GET \/issues\/\d+\/comments$/.test(line))
      return paged(
        this.comments.filter(it => it.issue === id),
        url,
      )
    if (/^POST \/issues\/\d+\/comments$/.test(line)) return bodyWrong(body) ?? [201, this.comment(id, String(body['body']))]
    if (/^(PATCH|DELETE) \/issues\/comments\/\d+$/.test(line)) return this.#changeComment(method, id, body)
    if (line === 'GET /issues')
      return paged(
        this.issues.filter(it => isAsked(it, url)),
        url,
      )
    if (line === 'POST /issues') {
      return bodyWrong(body) ?? [201, this.issue(String(body['title']), String(body['body']), body['labels'] as string[])]
    }
    if (/^PATCH \/issues\/\d+$/.test(line)) {
      const found = this.issues.find(it => it.number === id)
      return found === undefined ? notFound : (bodyWrong(body) ?? [200, Object.assign(found, body)])
    }
    if (/^GET \/labels\/.+$/.test(line)) return this.labels.includes(decodeURIComponent(path.slice(8))) ? [200, {}] : notFound
    if (line === 'POST /labels') return [201, this.labels.push(String(body['name']))]
    if (line === 'POST /check-runs') return outputWrong(body) ?? [201, { id: this.checks.push(body) }]
    if (/^PATCH \/check-runs\/\d+$/.test(line)) return outputWrong(body) ?? [200, { id: this.checks.push(body) }]
    return notFound
  }

  #changeComment(method: string, id: number, body: Asked['body']): readonly [number, unknown] {
    const found = this.comments.find(it => it.id === id)
    if (found === undefined) return notFound
    if (method === 'PATCH') return bodyWrong(body) ?? [200, Object.assign(found, body)]
    this.comments.splice(this.comments.indexOf(found), 1)
    return [204, '']
  }
}

const notFound = [404, { message: 'Not Found' }] as const
const forbidden = [403, { message: 'Resource not accessible by integration' }] as const

function headersWrong(request: IncomingMessage, text: string): string | undefined {
  const { accept = '', 'user-agent': agent = '', 'content-type': type = '' } = request.headers
  if (!/^application\/vnd\.github\.v3\+json|^application\/vnd\.github\+json/.test(accept)) return `unexpected accept: ${accept}`
  if (agent === '') return 'Request forbidden by administrative rules. Please make sure your request has a User-Agent header'
  return text !== '' && !type.startsWith('application/json') ? `unexpected content-type: ${type}` : undefined
}

function bodyWrong({ body }: Asked['body']): readonly [number, unknown] | undefined {
  const isRight = body === undefined || (typeof body === 'string' && body !== '' && body.length <= 65_536)
  return isRight ? undefined : [422, { message: 'Validation Failed', errors: [{ field: 'body', code: 'custom' }] }]
}

function outputWrong({ output }: Asked['body']): readonly [number, unknown] | undefined {
  const { summary = '', annotations = [] } = output as { readonly summary?: string; readonly annotations?: readonly object[] }
  const isRight = annotations.length <= 50 && Buffer.byteLength(summary) <= 65_535
  return isRight ? undefined : [422, { message: 'Invalid request' }]
}

function isAsked({ state, labels }: Issue, url: URL): boolean {
  return (
    state === (url.searchParams.get('state') ?? 'open') &&
    (url.searchParams.get('labels') ?? '').split(',').every(it => labels.includes(it))
  )
}

function paged(all: readonly object[], url: URL): readonly [number, unknown, Record<string, string>] {
  const size = Math.min(Number(url.searchParams.get('per_page') ?? 30), 100)
  const page = Number(url.searchParams.get('page') ?? 1)
  const next = new URL(url)
  next.searchParams.set('page', String(page + 1))
  const isLast = page * size >= all.length
  return [200, all.slice((page - 1) * size, page * size), isLast ? {} : { link: `<${next.href}>; rel="next"` }]
}

/** An app signs with its key, and is given a token for the repository that it names. */
function appAnswer(
  app: { readonly id: string; readonly slug: string; readonly publicKey: string },
  authorization: string,
  { method, path, body }: Asked,
  token: string,
): readonly [number, unknown] {
  const [head = '', claims = '', signature = ''] = authorization.slice('bearer '.length).split('.')
  const isRight =
    app.publicKey !== '' && verify('sha256', Buffer.from(`${head}.${claims}`), app.publicKey, Buffer.from(signature, 'base64url'))
  const { iss, exp, iat } = isRight ? (JSON.parse(Buffer.from(claims, 'base64url').toString()) as Record<string, unknown>) : {}
  if (!isRight || iss !== app.id || Number(exp) - Number(iat) > 600) {
    return [401, { message: 'A JSON web token could not be decoded' }]
  }
  if (method === 'GET' && path === '/api/v3/app') return [200, answerOf('GET /app', { id: Number(app.id), slug: app.slug })]
  if (method === 'GET' && path === '/installation') return [200, answerOf('GET /repos/{owner}/{repo}/installation', { id: 99 })]
  if (method !== 'POST' || path !== '/api/v3/app/installations/99/access_tokens') return notFound
  if (JSON.stringify(body['repositories']) !== '["vault-policies"]')
    return [422, { message: 'There is at least one repository that does not exist' }]
  const line = 'POST /app/installations/{installation_id}/access_tokens'
  return [201, answerOf(line, { token, expires_at: '2027-01-01T01:00:00Z' })]
}
