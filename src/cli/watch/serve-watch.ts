import { createServer, type IncomingMessage, type ServerResponse } from 'node:http'
import { hear, healthOf, isHealthy, metricsText, statusJson, type Watched } from '../../reconciler/watch/index.ts'
import { CommandFailed } from '../command.ts'

export interface WatchServerOptions {
  readonly host: string
  readonly port: number
  readonly watched: () => Watched
  readonly now: () => Date
  /** Absent: there is no webhook. */
  readonly webhook?: { readonly secret: string; readonly branch: string | undefined; readonly onLook: () => void }
}

export interface WatchServer {
  /** `http://HOST:PORT`, the port as it was given. */
  readonly address: string
  close(): Promise<void>
}

/** GitHub sends no more than that (docs.github.com: "Webhook events and payloads"). */
const MOST_BYTES = 25 * 1024 * 1024
/** A webhook is a rare thing: more bodies at once are somebody else's. */
const MOST_BODIES = 4
const SLOWEST_MS = 10_000

/**
 * `/health`, `/metrics`, `/status` and `/webhook`. None of them shows a secret, and only a signed webhook makes anything happen. Plain
 * HTTP: whoever wants it from afar puts a proxy with TLS in front.
 *
 * @throws CommandFailed when the address cannot be had
 */
export async function serveWatch(options: WatchServerOptions): Promise<WatchServer> {
  let bodies = 0
  const server = createServer({ requestTimeout: SLOWEST_MS, headersTimeout: SLOWEST_MS, maxHeaderSize: 16_384 }, (request, response) => {
    const path = (request.url ?? '').replace(/\?.*/s, '')
    const reading = request.method === 'GET' || request.method === 'HEAD'
    if (path === '/webhook' && options.webhook !== undefined) {
      if (request.method !== 'POST') return answer(response, 405, 'text/plain', 'POST only\n', { Allow: 'POST' })
      if (bodies >= MOST_BODIES) return answer(response, 503, 'text/plain', 'busy\n')
      bodies++
      return void receive(options.webhook, request, response).finally(() => bodies--)
    }
    if (!reading && ['/health', '/metrics', '/status'].includes(path))
      return answer(response, 405, 'text/plain', 'GET only\n', { Allow: 'GET, HEAD' })
    const now = options.now()
    if (path === '/health') {
      const health = healthOf(options.watched(), now)
      return answer(response, isHealthy(health) ? 200 : 503, 'application/json', `${JSON.stringify({ status: health })}\n`)
    }
    if (path === '/metrics') return answer(response, 200, 'text/plain; version=0.0.4; charset=utf-8', metricsText(options.watched(), now))
    if (path === '/status') return answer(response, 200, 'application/json', statusJson(options.watched(), now))
    return answer(response, 404, 'text/plain', 'there are /health, /metrics, /status and, with a secret, /webhook\n')
  })
  const { host, port } = options
  await new Promise<void>((resolve, reject) => {
    server.once('error', cause => reject(new CommandFailed(`cannot listen at ${host}:${port}: ${cause.message}`, 1, { cause })))
    server.listen(port, host, resolve)
  })
  const bound = server.address()
  const actual = typeof bound === 'object' && bound !== null ? bound.port : port
  return {
    address: `http://${host.includes(':') ? `[${host}]` : host}:${actual}`,
    close: () =>
      new Promise(resolve => {
        server.close(() => resolve())
        server.closeAllConnections()
      }),
  }
}

function answer(
  response: ServerResponse,
  status: number,
  type: string,
  body: string,
  headers: Readonly<Record<string, string>> = {},
): void {
  response.writeHead(status, {
    'Content-Type': type,
    'Content-Length': Buffer.byteLength(body),
    'Cache-Control': 'no-store',
    'X-Content-Type-Options': 'nosniff',
    ...headers,
  })
  response.end(body)
}

async function receive(
  { secret, branch, onLook }: NonNullable<WatchServerOptions['webhook']>,
  request: IncomingMessage,
  response: ServerResponse,
): Promise<void> {
  const body = await bodyOf(request)
  if (body === undefined) return answer(response, 413, 'text/plain', 'too large\n', { Connection: 'close' })
  const one = (name: string): string | undefined => {
    const value = request.headers[name]
    return typeof value === 'string' ? value : undefined
  }
  const heard = hear({ event: one('x-github-event'), signature: one('x-hub-signature-256'), body }, secret, branch)
  if (heard === 'refused') return answer(response, 401, 'text/plain', 'the signature is missing or wrong\n')
  if (heard === 'malformed') return answer(response, 400, 'text/plain', 'the body is no JSON\n')
  if (heard === 'look') onLook()
  return answer(response, 202, 'text/plain', `${heard}\n`)
}

/** Undefined: it is too large, or broke off. */
async function bodyOf(request: IncomingMessage): Promise<Uint8Array | undefined> {
  if (Number(request.headers['content-length'] ?? 0) > MOST_BYTES) return undefined
  const chunks: Buffer[] = []
  let size = 0
  try {
    for await (const chunk of request) {
      size += (chunk as Buffer).length
      if (size > MOST_BYTES) return undefined
      chunks.push(chunk as Buffer)
    }
  } catch {
    return undefined
  }
  return Buffer.concat(chunks)
}
