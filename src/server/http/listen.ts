import { chmod, rm, stat } from 'node:fs/promises'
import { createServer, type IncomingMessage, type Server, type ServerOptions, type ServerResponse } from 'node:http'
import { createServer as createTlsServer, Server as TlsServer } from 'node:https'
import { type AddressInfo, connect } from 'node:net'
import type { Duplex } from 'node:stream'
import type { Clock, Log } from '../../kernel/index.ts'
import type { HttpHandler } from './handler.ts'
import { oddMethods, type ParseError } from './odd-methods.ts'
import { type ListenerTls, tlsOptions } from './tls.ts'

/** In milliseconds; 0 is no limit. The peer's own defaults. */
export interface HttpTimeouts {
  /** For the head of a request: a client that dribbles is cut off. */
  readonly readHeader: number
  /** For the whole request. */
  readonly read: number
  /** For a connection between two requests. */
  readonly idle: number
}

const defaultTimeouts: HttpTimeouts = { readHeader: 10_000, read: 30_000, idle: 300_000 }

export type ListenAddress =
  | { readonly host: string; readonly port: number }
  /** A Unix socket; a stale one is replaced. `mode` in octal, as `0600`. */
  | { readonly path: string; readonly mode?: number }

export interface ListenOptions {
  readonly address: ListenAddress
  readonly handler: HttpHandler
  /** A longer body is not asked for by `100 Continue`; the handler refuses it. */
  readonly maxRequestSize?: number
  readonly tls?: ListenerTls
  readonly timeouts?: Partial<HttpTimeouts>
  /** More than these wait unaccepted until one ends. */
  readonly maxConnections?: number
  readonly clock: Clock
  readonly log: Log
}

export interface Listener {
  /** `127.0.0.1:8200`, with the port that was really taken; or the path of the socket. */
  readonly address: string
  /** Reads certificate and key again: for connections made from now on. Keeps the old ones when the new cannot be used. */
  reload(): Promise<void>
  /** Takes no more requests, lets those that run end within so many milliseconds, then ends what is left. */
  close(patience: number): Promise<void>
}

/** Why a listener cannot be had, in one line. */
export class ListenRefused extends Error {}

const MAX_HEADER_SIZE = 64 * 1024
const LOOK_MS = 50

export async function listen(options: ListenOptions): Promise<Listener> {
  const { address, clock, log } = options
  const timeouts = { ...defaultTimeouts, ...options.timeouts }
  const settings: ServerOptions = {
    maxHeaderSize: MAX_HEADER_SIZE,
    headersTimeout: timeouts.readHeader,
    requestTimeout: timeouts.read,
    keepAliveTimeout: timeouts.idle,
    connectionsCheckingInterval: Math.min(1000, ...[timeouts.readHeader, timeouts.read].filter(it => it > 0)),
  }
  const { tls } = options
  const secure = tls === undefined ? undefined : createTlsServer({ ...settings, ...(await tlsOptions(tls)) })
  const server: Server | TlsServer = secure ?? createServer(settings)
  if (options.maxConnections !== undefined) server.maxConnections = options.maxConnections
  const closing = serve(server, options)
  await bind(server, address)
  server.on('error', error => log.write('error', 'listener failed', { address: shown(server, address), error: error.message }))
  return {
    address: shown(server, address),
    async reload() {
      if (secure !== undefined && tls !== undefined) secure.setSecureContext(await tlsOptions(tls))
    },
    async close(patience) {
      closing.begun = true
      const closed = new Promise<void>(resolve => server.close(() => resolve()))
      const cancel = clock.after(patience, () => server.closeAllConnections())
      // A connection whose last request ends from now on is idle, and Node closes only those that were idle before.
      let stop = (): void => undefined
      const look = (): void => {
        server.closeIdleConnections()
        stop = clock.after(LOOK_MS, look)
      }
      look()
      await closed
      cancel()
      stop()
    },
  }
}

/** Wires the events; the result's `begun` says that the end has begun. */
function serve(server: Server | TlsServer, { handler, maxRequestSize = Infinity }: ListenOptions): { begun: boolean } {
  const closing = { begun: false }
  const odd = oddMethods(server instanceof TlsServer ? 'secureConnection' : 'connection')
  const onRequest = (request: IncomingMessage, response: ServerResponse): void => {
    odd.note(request, response)
    if (closing.begun) response.shouldKeepAlive = false
    handler(request, response)
  }
  server.on('request', onRequest)
  // Node would ask for any body before it has been looked at.
  server.on('checkContinue', (request: IncomingMessage, response: ServerResponse) => {
    if (Number(request.headers['content-length'] ?? 0) <= maxRequestSize) response.writeContinue()
    onRequest(request, response)
  })
  server.on('clientError', (error: ParseError, stream: Duplex) => {
    if (odd.take(server, error, stream)) return
    const response = odd.last(stream)
    const text = response === undefined || response.closed ? answerTo(error) : undefined
    if (text !== undefined && stream.writable) stream.end(text, () => stream.destroy())
    else stream.destroy()
  })
  // A tunnel is a method like any other that this API has not.
  server.on('connect', (_request, stream: Duplex) => stream.end(METHOD_NOT_ALLOWED, () => stream.destroy()))
  return closing
}

const plain = (status: string): string =>
  `HTTP/1.1 ${status}\r\nContent-Type: text/plain; charset=utf-8\r\nConnection: close\r\n\r\n${status}`

const METHOD_NOT_ALLOWED =
  'HTTP/1.1 405 Method Not Allowed\r\nCache-Control: no-store\r\nContent-Type: application/json\r\n' +
  'Strict-Transport-Security: max-age=31536000; includeSubDomains\r\nContent-Length: 14\r\nConnection: close\r\n\r\n{"errors":[]}\n'

/** What can still be said to somebody whose bytes are no HTTP; undefined: nothing, the connection is broken. */
function answerTo({ code, rawPacket }: ParseError): string | undefined {
  if (code === 'ERR_HTTP_REQUEST_TIMEOUT') return plain('408 Request Timeout')
  if (code === 'HPE_HEADER_OVERFLOW') return plain('431 Request Header Fields Too Large')
  if (code === 'HPE_INVALID_METHOD' && rawPacket !== undefined && LOOKS_LIKE_REQUEST.test(rawPacket.toString('latin1', 0, 4096)))
    return METHOD_NOT_ALLOWED
  return code?.startsWith('HPE_') === true ? plain('400 Bad Request') : undefined
}

const LOOKS_LIKE_REQUEST = /^[\w!#$%&'*+.^`|~-]+ \S+ HTTP\/1\.[01]\r?\n/m

async function bind(server: Server | TlsServer, address: ListenAddress): Promise<void> {
  if ('path' in address) await removeStale(address.path)
  await new Promise<void>((resolve, reject) => {
    const failed = (cause: NodeJS.ErrnoException): void =>
      reject(new ListenRefused(`cannot listen on ${wanted(address)}: ${reason(cause)}`, { cause }))
    server.once('error', failed)
    const done = (): void => {
      server.off('error', failed)
      resolve()
    }
    if ('path' in address) server.listen(address.path, done)
    else server.listen(address.port, address.host, done)
  })
  if ('path' in address && address.mode !== undefined) await chmod(address.path, address.mode)
}

/** A socket that nobody listens on any more is in the way of the next; one that answers is somebody's. */
async function removeStale(path: string): Promise<void> {
  const found = await stat(path).catch(() => undefined)
  if (found?.isSocket() !== true) return
  const answers = await new Promise<boolean>(resolve => {
    const probe = connect(path, () => resolve(true)).on('error', () => resolve(false))
    probe.on('connect', () => probe.destroy())
  })
  if (!answers) await rm(path)
}

const REASONS: Readonly<Record<string, string>> = {
  EADDRINUSE: 'address already in use',
  EACCES: 'permission denied',
  EADDRNOTAVAIL: 'this machine has no such address',
  ENOTFOUND: 'no such host',
}

const reason = (cause: NodeJS.ErrnoException): string => REASONS[cause.code ?? ''] ?? cause.message

const wanted = (address: ListenAddress): string => ('path' in address ? address.path : hostPort(address.host, address.port))

const hostPort = (host: string, port: number): string => (host.includes(':') ? `[${host}]:${port}` : `${host}:${port}`)

function shown(server: Server | TlsServer, address: ListenAddress): string {
  if ('path' in address) return address.path
  return hostPort(address.host, (server.address() as AddressInfo | null)?.port ?? address.port)
}
