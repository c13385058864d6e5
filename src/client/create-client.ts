import { parseJson, stringifyJson } from '../kernel/index.ts'
import type { Answer, Client, ClientOptions, ClientRequest } from './client.ts'
import { ApiError, ClientMisconfigured, ClientUnreachable } from './errors.ts'
import { backOff, mayRepeatAnswer, mayRepeatFailure, pause, retryAfter } from './retry.ts'
import { openTransport, type RawAnswer, type Transport } from './transport.ts'
import { escapePath, queryString } from './url.ts'

const RETRIES = 2
const TIMEOUT = 60
const REDIRECTS: ReadonlySet<number> = new Set([301, 302, 307, 308])

/** What one client and its `with` children share. */
interface Shared {
  readonly options: ClientOptions
  readonly transport: Transport
  /** Where requests may go with the token: the server itself, and what it named as its active node. */
  readonly trusted: Set<string>
}

interface Identity {
  readonly token: string | undefined
  readonly namespace: string | undefined
}

/** One spelling of a request: LIST and SCAN go as GET with a parameter, as the field's clients do, since proxies drop unknown verbs. */
function onTheWire(request: ClientRequest): { readonly method: string; readonly query: NonNullable<ClientRequest['query']> } {
  const { method, query = {} } = request
  if (method === 'LIST') return { method: 'GET', query: { ...query, list: 'true' } }
  if (method === 'SCAN') return { method: 'GET', query: { ...query, scan: 'true' } }
  return { method, query }
}

function headersOf(
  { options }: Shared,
  { token, namespace }: Identity,
  request: ClientRequest,
  body: string | undefined,
): Record<string, string | string[]> {
  const headers: Record<string, string | string[]> = { 'X-Vault-Request': 'true' }
  for (const [name, value] of Object.entries(options.headers ?? {})) headers[name] = typeof value === 'string' ? value : [...value]
  if (body !== undefined) {
    headers['Content-Type'] = request.method === 'PATCH' ? 'application/merge-patch+json' : 'application/json'
    headers['Content-Length'] = String(Buffer.byteLength(body))
  }
  if (request.upload !== undefined) headers['Content-Type'] = 'application/octet-stream'
  if (namespace !== undefined && namespace !== '') headers['X-Vault-Namespace'] = namespace
  if (request.wrapTtl !== undefined && request.wrapTtl !== '') headers['X-Vault-Wrap-TTL'] = request.wrapTtl
  Object.assign(headers, request.headers)
  if (token !== undefined && token !== '') headers['X-Vault-Token'] = token
  return headers
}

/** A proxy's login page is no answer of the API; only what says it is JSON is read as JSON. */
function bodyOf(raw: RawAnswer): unknown {
  if (raw.text === '' || !/\bjson\b/.test(raw.headers['content-type'] ?? '')) return undefined
  try {
    return parseJson(raw.text)
  } catch {
    return undefined
  }
}

const messageOf = (cause: unknown): string => {
  if (!(cause instanceof Error)) return String(cause)
  // Node tries all addresses of a name and then says so with an empty message.
  if (cause instanceof AggregateError && cause.message === '') return [...new Set(cause.errors.map(messageOf))].join('; ')
  return cause.message
}

/** Repeats what may be repeated, until an answer stands. */
async function persist(shared: Shared, request: ClientRequest, signal: AbortSignal, attempt: () => Promise<RawAnswer>): Promise<RawAnswer> {
  const { clock, random, retries = RETRIES } = shared.options
  for (let tries = 1; ; tries++) {
    let asked: number | undefined
    try {
      const raw = await attempt()
      if (tries > retries || request.upload !== undefined || !mayRepeatAnswer(request.method, raw.status)) return raw
      asked = retryAfter(raw.headers['retry-after'], clock.now())
    } catch (cause) {
      if (
        cause instanceof ClientMisconfigured ||
        signal.aborted ||
        request.upload !== undefined ||
        tries > retries ||
        !mayRepeatFailure(request.method, cause)
      )
        throw cause
    }
    await pause(clock, asked ?? backOff(tries, random), signal)
  }
}

/**
 * Where a redirect may take the request, token and all. Anyone who can put a Location into one reply could otherwise collect
 * tokens. So: never from TLS to none, and to another host only if the server itself, asked without the token, names that
 * host as its active node (`sys/leader`).
 */
async function redirected(
  shared: Shared,
  request: ClientRequest,
  from: URL,
  location: string | undefined,
  signal: AbortSignal,
): Promise<URL> {
  const { transport, trusted } = shared
  const refuse = (why: string): ApiError =>
    new ApiError({ status: 307, errors: [`redirect refused: ${why}`], method: request.method, path: request.path })
  if (location === undefined || !URL.canParse(location, from.href)) throw refuse('it names no location')
  const to = new URL(location, from.href)
  if (to.protocol !== 'https:' && (from.protocol === 'https:' || to.protocol !== 'http:')) throw refuse('it leads away from TLS')
  if (trusted.has(to.origin)) return to
  const target = `${transport.base}/v1/sys/leader`
  const headers = { 'X-Vault-Request': 'true' }
  const leader = bodyOf(await transport.exchange({ origin: transport.origin, target, method: 'GET', headers, body: undefined, signal }))
  const named = (leader as { readonly leader_address?: unknown } | undefined)?.leader_address
  if (typeof named !== 'string' || !URL.canParse(named) || new URL(named).origin !== to.origin) {
    throw refuse(`it leads to ${to.origin}, which the server does not name as its active node`)
  }
  trusted.add(to.origin)
  return to
}

/** One signal out of the caller's and the time limit; `done` releases the timer. */
function limited({ options }: Shared, given: AbortSignal | undefined): { readonly signal: AbortSignal; readonly done: () => void } {
  const { clock, timeout = TIMEOUT } = options
  const controller = new AbortController()
  const cancel =
    timeout > 0 ? clock.after(timeout * 1000, () => controller.abort(new Error(`no answer within ${timeout} seconds`))) : () => undefined
  return { signal: given === undefined ? controller.signal : AbortSignal.any([given, controller.signal]), done: cancel }
}

async function send(shared: Shared, identity: Identity, request: ClientRequest): Promise<Answer> {
  const { transport, options } = shared
  const { method, query } = onTheWire(request)
  const body = request.body === undefined ? undefined : stringifyJson(request.body)
  const headers = headersOf(shared, identity, request, body)
  const { upload, download } = request
  const { signal, done } = limited(shared, request.signal)
  try {
    let url = new URL(`${transport.origin}${transport.base}/v1/${escapePath(request.path)}${queryString(query)}`)
    // The URL parser would fold `..` and bend what is escaped; what was asked for is what is sent.
    let target = `${transport.base}/v1/${escapePath(request.path)}${queryString(query)}`
    const attempt = (): Promise<RawAnswer> =>
      transport.exchange({ origin: url.origin, target, method, headers, body, upload, download, signal })
    let raw = await persist(shared, request, signal, attempt)
    if (REDIRECTS.has(raw.status) && upload === undefined && options.followRedirects !== false) {
      url = await redirected(shared, request, url, raw.headers['location'], signal)
      target = `${url.pathname}${url.search}`
      raw = await persist(shared, request, signal, attempt)
    }
    return { status: raw.status, headers: raw.headers, body: bodyOf(raw), text: raw.text, method, url: `${url.origin}${target}` }
  } catch (cause) {
    if (cause instanceof ClientMisconfigured || cause instanceof ApiError || request.signal?.aborted === true) throw cause
    const why = signal.aborted ? messageOf(signal.reason) : messageOf(cause)
    throw new ClientUnreachable(options.address, why, { cause })
  } finally {
    done()
  }
}

function clientOf(shared: Shared, identity: Identity): Client {
  return {
    address: shared.options.address,
    send: request => send(shared, identity, request),
    with: change =>
      clientOf(shared, { token: 'token' in change ? change.token : identity.token, namespace: change.namespace ?? identity.namespace }),
    close: () => shared.transport.close(),
  }
}

// What cannot stand in a header would be refused by Node with a message that shows it.
const UNPRINTABLE = /[^\x20-\x7e]/

/** @throws ClientMisconfigured for an address or a token that cannot be used */
export function createClient(options: ClientOptions): Client {
  if (options.token !== undefined && UNPRINTABLE.test(options.token))
    throw new ClientMisconfigured('the token holds characters that no token has')
  const transport = openTransport(options)
  return clientOf({ options, transport, trusted: new Set([transport.origin]) }, { token: options.token, namespace: options.namespace })
}
