import type { IncomingMessage, ServerResponse } from 'node:http'
import type { Clock, Log, Random } from '../../kernel/index.ts'
import { type Core, type CoreRequest, faults, type Gate } from '../logical/index.ts'
import { type Answer, empty, errors, malformed, redirect, rendered, unprintable } from './answer.ts'
import { bareEndpoints, type Product, sharesEndpoints } from './bare/index.ts'
import { header, tokenOf, wrapOf } from './credentials.ts'
import { corsOf } from './cors.ts'
import { Deadlines } from './deadlines.ts'
import { Exchange, type ExchangeParts } from './exchange.ts'
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
  /** What those who hold shares may do without a token; nothing unless told. */
  readonly withoutToken?: { readonly rekey: boolean; readonly generateRoot: boolean }
}

/** Answers one request; never throws, never leaves one without an answer. */
export type HttpHandler = (request: IncomingMessage, response: ServerResponse) => void

interface Serving extends HttpHandlerOptions, ExchangeParts {
  readonly limits: Limits
  readonly addressOf: AddressOf
}

/** The hot path: nothing is awaited, and nothing made, that a plain read does not need. */
type Answering = Answer | Promise<Answer>

export function createHttpHandler(options: HttpHandlerOptions): HttpHandler {
  const limits: Limits = { ...defaultLimits, ...options.limits }
  const server: Serving = {
    ...options,
    limits,
    addressOf: options.forwardedFor === undefined ? directAddress : forwardedAddress(options.forwardedFor),
    deadlines: new Deadlines(options.clock, limits.maxRequestDuration),
  }
  return (request, response) => {
    const exchange = new Exchange(server, request, response)
    try {
      const answering = answerOf(server, exchange)
      if (!(answering instanceof Promise)) exchange.send(answering)
      else
        answering.then(
          answer => exchange.send(answer),
          (thrown: unknown) => exchange.refuse(thrown),
        )
    } catch (thrown) {
      exchange.refuse(thrown)
    }
  }
}

/** From bytes to what core is asked, and back, in the order in which the peer looks at things. */
function answerOf(server: Serving, exchange: Exchange): Answering {
  const { request } = exchange
  const target = parseTarget(request.url ?? '')
  if (target.is === 'malformed') return request.method === 'OPTIONS' && request.url === '*' ? ALIVE : malformed
  if (target.is === 'unprintable') return unprintable
  const remoteAddress = server.addressOf(request, request.socket.remoteAddress ?? '')
  if (server.requireRequestHeader === true && header(request, 'x-vault-request') !== 'true') throw faults.requestHeaderMissing()
  const { gate, cors } = server.core
  const { origin } = request.headers
  if (cors !== undefined && origin !== undefined && target.path.startsWith('/v1/')) {
    const { headers, answer } = corsOf(cors, request, origin)
    exchange.extra = headers
    if (answer !== undefined) return answer
  }
  if (gate !== undefined && target.path.startsWith('/v1/')) return answerCounted(server, exchange, target, remoteAddress, gate)
  return answerWhole(server, exchange, target, remoteAddress)
}

function answerWhole(server: Serving, exchange: Exchange, target: Path, remoteAddress: string): Answering {
  const { request } = exchange
  if (isUpload(target.path, request.method)) return answerTarget(server, exchange, target, '', remoteAddress)
  if (!hasBody(request)) return answerTarget(server, exchange, target, '', remoteAddress)
  return readBody(request, server.limits.maxRequestSize).then(body => {
    const isBytes = BYTES.test(request.headers['content-type'] ?? '')
    if (isBytes) exchange.bytes = body
    return answerTarget(server, exchange, target, isBytes ? '' : body.toString('utf8'), remoteAddress)
  })
}

/** Media types whose bodies are no text, and go to a mount as they are. */
const BYTES = /^application\/ocsp-request$/i

/** Where requests are counted: before anything but their head is read, unless logins are counted by the roles that they name. */
async function answerCounted(server: Serving, exchange: Exchange, target: Path, remoteAddress: string, gate: Gate): Promise<Answer> {
  const { request, namespace } = exchange
  const op = wishOf(request.method ?? 'GET', parseQuery(target.query))?.op ?? 'read'
  const below = target.path.slice(4)
  const path = (op === 'list' || op === 'scan') && !below.endsWith('/') ? `${below}/` : below
  const counted = namespace === '' || namespace === 'root' ? path : `${namespace.replace(/^\/+|\/+$/g, '')}/${path}`
  let body: string | undefined
  let data: Data | undefined
  if (op === 'write' && hasBody(request) && gate.asksForRole(counted)) {
    body = (await readBody(request, server.limits.maxRequestSize)).toString('utf8')
    data = dataOf(server, request, op, body, parseQuery(target.query))
  }
  const passing = await gate.pass(counted, remoteAddress, data)
  exchange.extra = { ...exchange.extra, ...passing.headers }
  if (!passing.refused) {
    if (body === undefined) return answerWhole(server, exchange, target, remoteAddress)
    return answerTarget(server, exchange, target, body, remoteAddress)
  }
  if (passing.audited) {
    const call = new Call(exchange, server.random.uuid(), op, path, namespace, NO_DATA, undefined, undefined, remoteAddress)
    await server.core.refusedAtGate?.(call, passing.fault)
  }
  throw passing.fault
}

/** What may be larger than a body that is kept whole: whoever is allowed to send it reads it as it comes. */
const isUpload = (path: string, method: string | undefined): boolean =>
  path.startsWith('/v1/sys/storage/raft/snapshot') && (method === 'POST' || method === 'PUT')

/** To `OPTIONS *`, which asks whether there is a server (RFC 9110, section 9.3.7). */
const ALIVE: Answer = { status: 200, headers: {}, body: '' }

type Path = Extract<Target, { readonly is: 'path' }>

/** Endpoints that only the root namespace has, and that are reached before any namespace is looked up. */
const ROOT_ONLY =
  /^\/v1\/sys\/(?:raw|generate-recovery-token|init|seal|step-down|unseal|health|rekey-recovery-key|rekey|storage|generate-root|metrics|pprof|in-flight-req)(?:\/|$)/
/** These have one operation, and say so before they look at a token. */
const WRITE_ONLY: ReadonlySet<string> = new Set(['sys/seal', 'sys/step-down'])

function answerTarget(server: Serving, exchange: Exchange, target: Path, body: string, remoteAddress: string): Answering {
  if (!target.path.startsWith('/v1/')) return errors(404, [])
  const { request, namespace } = exchange
  if (namespace !== '' && ROOT_ONLY.test(target.path)) throw faults.refused({ why: 'operation unavailable in namespaces' })
  const method = request.method ?? 'GET'
  const query = parseQuery(target.query)
  const path = target.path.slice(4)
  const wish = wishOf(method, query)
  if (wish?.op !== 'help') {
    if (target.redirect !== undefined) return redirect(method, target.redirect)
    const answer = path.startsWith('sys/')
      ? (answerBare(server, path, method, query, body, wish?.op) ??
        answerShares(server, exchange, path, method, query, body, remoteAddress))
      : answerBelow(server, namespace, path, method, query, body)
    if (answer !== undefined) return answer
  }
  if (wish === undefined) return answerWithout(server, request, method)
  const { op } = wish
  const data = op === 'write' || op === 'patch' ? dataOf(server, request, op, body, query) : queryData(query, wish.spent)
  const token = tokenOf(request)
  const wrap = op === 'help' ? undefined : wrapOf(request)
  if (isRelative(path)) throw faults.refused({ why: 'relative paths not supported' })
  if (target.badText) return answerBytes(server, token, op)
  return server.core
    .handle(new Call(exchange, server.random.uuid(), op, path, namespace, data ?? NO_DATA, token, wrap, remoteAddress))
    .then(rendered)
}

/** Shared by all requests that bring none. */
const NO_DATA: Data = Object.freeze({})

/** What core is asked. A class, since an accessor in a literal would be made anew for each request. */
class Call implements CoreRequest {
  readonly id: string
  readonly op: CoreRequest['op']
  readonly path: string
  readonly namespace: string
  readonly data: Data
  readonly token: string | undefined
  readonly wrap: CoreRequest['wrap']
  readonly remoteAddress: string
  readonly remotePort: number | undefined
  readonly incoming: CoreRequest['incoming']
  readonly #exchange: Exchange

  constructor(
    exchange: Exchange,
    id: string,
    op: CoreRequest['op'],
    path: string,
    namespace: string,
    data: Data,
    token: string | undefined,
    wrap: CoreRequest['wrap'],
    remoteAddress: string,
  ) {
    this.#exchange = exchange
    this.id = id
    this.op = op
    this.path = path
    this.namespace = namespace
    this.data = data
    this.token = token
    this.wrap = wrap
    this.remoteAddress = remoteAddress
    this.remotePort = exchange.request.socket.remotePort
    if (isUpload(`/v1/${path}`, exchange.request.method)) this.incoming = exchange.request
  }

  valuesOf(name: string): readonly string[] | undefined {
    return this.#exchange.request.headersDistinct[name]
  }

  get bytes(): Uint8Array | undefined {
    return this.#exchange.bytes
  }

  get signal(): AbortSignal {
    return this.#exchange.signal
  }
}

/** Undefined when the path is none of those. */
function answerShares(
  server: Serving,
  exchange: Exchange,
  path: string,
  method: string,
  query: Query,
  body: string,
  remoteAddress: string,
): Promise<Answer> | undefined {
  const found = sharesEndpoints.get(path)
  if (found === undefined) return undefined
  const { core, clock, product, limits, random, withoutToken } = server
  if (core.operator.sealStatus().sealed) throw faults.sealed()
  if (withoutToken?.[found.opens] !== true)
    throw path.startsWith('sys/rekey-recovery-key/') ? faults.missing({ why: 'unsupported path' }) : faults.unsupportedHere()
  if (!found.endpoint.methods.includes(method)) throw faults.methodNotAllowed()
  const op = method === 'GET' ? 'read' : method === 'DELETE' ? 'delete' : 'write'
  const data = body === '' ? NO_DATA : (parseJsonBody(body, limits) ?? NO_DATA)
  const call = new Call(exchange, random.uuid(), op, path, '', data, undefined, undefined, remoteAddress)
  return core.operator.audited(call, async () => await found.endpoint.answer({ method, query, body, core, clock, product, limits }))
}

/** Undefined when the path is no endpoint of HTTP's own. */
function answerBare(
  { core, clock, product, limits }: Serving,
  path: string,
  method: string,
  query: Query,
  body: string,
  op: CoreRequest['op'] | undefined,
): Answering | undefined {
  const bare = bareEndpoints.get(path)
  if (bare !== undefined) {
    if (!bare.methods.includes(method)) throw faults.methodNotAllowed()
    return bare.answer({ method, query, body, core, clock, product, limits })
  }
  if (!WRITE_ONLY.has(path)) return undefined
  if (op !== 'write') throw faults.methodNotAllowed()
  return path === 'sys/seal' && core.operator.sealStatus().sealed ? empty(204) : undefined
}

/** What a namespace that is named in the path tells of the server, too. */
const TOLD_BELOW = ['sys/seal-status', 'sys/leader']

function answerBelow(server: Serving, namespace: string, path: string, method: string, query: Query, body: string): Answering | undefined {
  const told = TOLD_BELOW.find(it => path.endsWith(it))
  if (told === undefined || server.core.operator.inNamespace(namespace, path) !== told) return undefined
  const answer = answerBare(server, told, method, query, body, undefined)
  return answer === undefined || answer instanceof Promise ? answer : unterminated(answer)
}

/** The peer's: what passes through its router goes without the end of its line. */
const unterminated = (answer: Answer): Answer => (typeof answer.body === 'string' ? { ...answer, body: answer.body.trimEnd() } : answer)

function dataOf(server: Serving, request: IncomingMessage, op: 'write' | 'patch', body: string, query: Query): Data | undefined {
  const type = request.headers['content-type']
  if (op === 'patch') {
    const media = parseMediaType(type ?? '')
    if ('refused' in media) throw faults.refused({ why: media.refused })
    if (media.type !== 'application/merge-patch+json') throw faults.patchMediaType({ given: media.type })
  } else if (isForm(type, body)) return parseForm(body, query)
  return parseJsonBody(body, server.limits)
}

/** To HEAD and OPTIONS, which reach no engine, and to methods that nobody knows. */
function answerWithout({ core }: Serving, request: IncomingMessage, method: string): never {
  if (method !== 'HEAD' && method !== 'OPTIONS') throw faults.methodNotAllowed()
  if (core.operator.sealStatus().sealed) throw faults.sealed()
  if (method === 'OPTIONS') throw faults.refused({ why: 'cannot handle internal-only request operation' })
  if (tokenOf(request) === undefined) throw faults.tokenRefused()
  throw faults.unsupportedOperation()
}

/** To a path that is no text: it names nothing, and nothing can be made there. */
function answerBytes({ core }: Serving, token: string | undefined, op: CoreRequest['op']): never {
  if (core.operator.sealStatus().sealed) throw faults.sealed()
  if (token === undefined) throw faults.tokenRefused()
  if (op === 'write' || op === 'patch') throw faults.failedAs({ why: 'failed to write: key contains invalid UTF-8 characters' })
  throw faults.notFound()
}
