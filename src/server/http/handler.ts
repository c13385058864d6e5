import type { IncomingMessage, ServerResponse } from 'node:http'
import type { Clock, Log, Random } from '../../kernel/index.ts'
import { type Core, type CoreRequest, faults, isFault } from '../logical/index.ts'
import { type Answer, empty, errors, malformed, redirect, refusal, rendered, send, unprintable } from './answer.ts'
import { bareEndpoints, type Product } from './bare/index.ts'
import { header, tokenOf, wrapOf } from './credentials.ts'
import { type Deadline, Deadlines } from './deadlines.ts'
import { isForm, parseForm } from './form.ts'
import { type AddressOf, directAddress, forwardedAddress, type ForwardedFor } from './forwarded-for.ts'
import { type Data, parseJsonBody } from './json-body.ts'
import { defaultLimits, type Limits } from './limits.ts'
import { parseMediaType } from './media-type.ts'
import { wishOf } from './operation.ts'
import { parseQuery, type Query, queryData } from './query.ts'
import { hasBody, readBody } from './read-body.ts'
import { isRelative, parseTarget, type Target } from './request-target.ts'

export interface HttpHandlerOptions {
  readonly core: Core
  readonly clock: Clock
  readonly random: Random
  readonly log: Log
  readonly product: Product
  readonly limits?: Partial<Limits>
  /** Refuse what lacks the header `X-Vault-Request: true`. */
  readonly requireRequestHeader?: boolean
  readonly forwardedFor?: ForwardedFor
}

/** Answers one request; never throws, never leaves one without an answer. */
export type HttpHandler = (request: IncomingMessage, response: ServerResponse) => void

type Path = Extract<Target, { readonly is: 'path' }>

/** Endpoints that only the root namespace has, and that are reached before any namespace is looked up. */
const ROOT_ONLY =
  /^\/v1\/sys\/(?:raw|generate-recovery-token|init|seal|step-down|unseal|health|rekey-recovery-key|rekey|storage|generate-root|metrics|pprof|in-flight-req)(?:\/|$)/
/** These have one operation, and say so before they look at a token. */
const WRITE_ONLY: ReadonlySet<string> = new Set(['sys/seal', 'sys/step-down'])

const NO_DATA: Data = {}

export function createHttpHandler(options: HttpHandlerOptions): HttpHandler {
  const limits: Limits = { ...defaultLimits, ...options.limits }
  const addressOf = options.forwardedFor === undefined ? directAddress : forwardedAddress(options.forwardedFor)
  const server: Serving = { ...options, limits, addressOf }
  const deadlines = new Deadlines(options.clock, limits.maxRequestDuration)
  return (request, response) => {
    const exchange = new Exchange(request, response)
    const deadline = deadlines.start(() => exchange.refuse(server, faults.outOfTime()))
    exchange.begin(deadlines, deadline)
    answerOf(server, exchange).then(
      answer => exchange.send(answer),
      (thrown: unknown) => exchange.refuse(server, thrown),
    )
  }
}

interface Serving extends HttpHandlerOptions {
  readonly limits: Limits
  readonly addressOf: AddressOf
}

/** One request and its one answer: whatever comes second is dropped. */
class Exchange {
  readonly request: IncomingMessage
  readonly response: ServerResponse
  #abort: AbortController | undefined
  #gone = false
  #answered = false

  constructor(request: IncomingMessage, response: ServerResponse) {
    this.request = request
    this.response = response
  }

  begin(deadlines: Deadlines, deadline: Deadline): void {
    this.response.on('close', () => {
      deadlines.stop(deadline)
      if (!this.#answered) this.#leave()
    })
  }

  /** Made for those who look at it. */
  get signal(): AbortSignal {
    this.#abort ??= new AbortController()
    if (this.#gone) this.#abort.abort()
    return this.#abort.signal
  }

  /** Nobody waits for the answer any more. */
  #leave(): void {
    this.#gone = true
    this.#abort?.abort()
  }

  send(answer: Answer): void {
    if (this.#answered || this.response.destroyed) return
    this.#answered = true
    const namespace = header(this.request, 'x-vault-namespace')
    if (namespace === '' || answer.headers['Cache-Control'] === undefined) send(this.response, answer)
    else send(this.response, answer, { 'X-Vault-Namespace': namespace })
  }

  refuse(server: Serving, thrown: unknown): void {
    if (this.#answered || this.response.destroyed) return
    if (!isFault(thrown)) {
      server.log.write('error', 'request failed', { method: this.request.method, path: parsedPath(this.request), error: described(thrown) })
      this.send(refusal(faults.internal()))
      return
    }
    if (thrown.status >= 500 && thrown.cause !== undefined)
      server.log.write('error', 'request failed', {
        method: this.request.method,
        path: parsedPath(this.request),
        error: described(thrown.cause),
      })
    if (thrown.code === 'bodyTooLarge') this.#refuseBody(refusal(thrown), server.clock)
    else this.send(refusal(thrown))
    if (thrown.code === 'outOfTime') this.#leave()
  }

  /**
   * The client is still sending, and may not look at an answer before it is done; closing on it would take the answer away. So the
   * rest is read for a moment, and thrown away.
   */
  #refuseBody(answer: Answer, clock: Clock): void {
    this.#answered = true
    const { request, response } = this
    const { body } = answer
    response.writeHead(answer.status, {
      'Content-Type': 'application/json',
      'Content-Length': Buffer.byteLength(body as string),
      Connection: 'close',
    })
    response.write(body)
    const end = (): void => void response.end()
    clock.after(LINGER_MS, end)
    request.on('end', end)
    request.resume()
  }
}

const LINGER_MS = 1000

const parsedPath = (request: IncomingMessage): string => (request.url ?? '').replace(/\?.*/s, '')

const described = (thrown: unknown): string => (thrown instanceof Error ? (thrown.stack ?? thrown.message) : String(thrown))

/** From bytes to what core is asked, and back, in the order in which the peer looks at things. */
async function answerOf(server: Serving, exchange: Exchange): Promise<Answer> {
  const { request } = exchange
  const target = parseTarget(request.url ?? '')
  if (target.is === 'malformed')
    return request.method === 'OPTIONS' && request.url === '*' ? { status: 200, headers: {}, body: '' } : malformed
  if (target.is === 'unprintable') return unprintable
  const remoteAddress = server.addressOf(request, request.socket.remoteAddress ?? '')
  if (server.requireRequestHeader === true && header(request, 'x-vault-request') !== 'true') throw faults.requestHeaderMissing()
  const body = hasBody(request) ? await readBody(request, server.limits.maxRequestSize) : undefined
  if (!target.path.startsWith('/v1/')) return errors(404, [])
  const namespace = header(request, 'x-vault-namespace')
  if (namespace !== '' && ROOT_ONLY.test(target.path)) throw faults.refused({ why: 'operation unavailable in namespaces' })
  return await answerApi(server, exchange, target, body?.toString('utf8') ?? '', namespace, remoteAddress)
}

async function answerApi(
  server: Serving,
  exchange: Exchange,
  target: Path,
  body: string,
  namespace: string,
  remoteAddress: string,
): Promise<Answer> {
  const method = exchange.request.method ?? 'GET'
  const query = parseQuery(target.query)
  const path = target.path.slice(4)
  const wish = wishOf(method, query)
  if (wish?.op !== 'help') {
    if (target.redirect !== undefined) return redirect(method, target.redirect)
    if (path.startsWith('sys/')) {
      const bare = bareEndpoints.get(path)
      if (bare !== undefined) {
        if (!bare.methods.includes(method)) throw faults.methodNotAllowed()
        return await bare.answer({
          method,
          query,
          body,
          core: server.core,
          clock: server.clock,
          product: server.product,
          limits: server.limits,
        })
      }
      if (WRITE_ONLY.has(path)) {
        if (wish?.op !== 'write') throw faults.methodNotAllowed()
        if (path === 'sys/seal' && server.core.operator.sealStatus().sealed) return empty(204)
      }
    }
  }
  if (wish === undefined) return without(server, exchange.request, method)
  const data =
    wish.op === 'write' || wish.op === 'patch' ? dataOf(server, exchange.request, wish.op, body, query) : queryData(query, wish.spent)
  const token = tokenOf(exchange.request)
  const wrap = wish.op === 'help' ? undefined : wrapOf(exchange.request)
  if (isRelative(path)) throw faults.refused({ why: 'relative paths not supported' })
  if (target.badText) return notText(server, token, wish.op)
  return rendered(
    await server.core.handle({
      id: server.random.uuid(),
      op: wish.op,
      path,
      namespace,
      data: data ?? NO_DATA,
      token,
      wrap,
      remoteAddress,
      get signal() {
        return exchange.signal
      },
    }),
  )
}

function dataOf(server: Serving, request: IncomingMessage, op: 'write' | 'patch', body: string, query: Query): Data | undefined {
  const type = request.headers['content-type']
  if (op === 'patch') {
    const media = parseMediaType(type ?? '')
    if ('refused' in media) throw faults.refused({ why: media.refused })
    if (media.type !== 'application/merge-patch+json') throw faults.patchMediaType({ given: media.type })
  } else if (isForm(type, body)) return parseForm(body, query)
  return parseJsonBody(body, server.limits)
}

/** HEAD and OPTIONS, which reach no engine, and methods that nobody knows. */
function without({ core }: Serving, request: IncomingMessage, method: string): Answer {
  if (method !== 'HEAD' && method !== 'OPTIONS') throw faults.methodNotAllowed()
  if (core.operator.sealStatus().sealed) throw faults.sealed()
  if (method === 'OPTIONS') throw faults.refused({ why: 'cannot handle internal-only request operation' })
  if (tokenOf(request) === undefined) throw faults.tokenRefused()
  throw faults.unsupportedOperation()
}

/** A path that is no text names nothing, and nothing can be made there. */
function notText({ core }: Serving, token: string | undefined, op: CoreRequest['op']): Answer {
  if (core.operator.sealStatus().sealed) throw faults.sealed()
  if (token === undefined) throw faults.tokenRefused()
  if (op === 'write' || op === 'patch') throw faults.failedAs({ why: 'failed to write: key contains invalid UTF-8 characters' })
  throw faults.notFound()
}
