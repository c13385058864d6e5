import { once } from 'node:events'
import { createServer, type IncomingHttpHeaders, type RequestListener, type Server } from 'node:http'
import { createServer as createTlsServer } from 'node:https'
import type { AddressInfo } from 'node:net'
import { createClient, type Client, type ClientOptions } from '../../src/client/index.ts'
import type { Clock, Random } from '../../src/kernel/index.ts'
import type { SelfSigned } from './certificate.ts'

export interface Asked {
  readonly method: string
  readonly url: string
  readonly headers: IncomingHttpHeaders
  readonly body: string
}

export interface Reply {
  readonly status?: number
  readonly headers?: Readonly<Record<string, string>>
  readonly body?: unknown
  /** Sent as it is, in place of `body`. */
  readonly text?: string
  /** The connection is cut after so many bytes of the answer's body. */
  readonly cutAfter?: number
  /** No answer at all. */
  readonly silent?: boolean
}

/** A server at a port: real HTTP, and answers that the test decides. */
export interface StandIn extends AsyncDisposable {
  readonly address: string
  readonly asked: readonly Asked[]
  /** How many connections were opened. */
  readonly connections: number
}

export async function standIn(
  answer: (asked: Asked, count: number) => Reply,
  at: { readonly socket?: string; readonly tls?: SelfSigned } = {},
): Promise<StandIn> {
  const asked: Asked[] = []
  let connections = 0
  const listener: RequestListener = (request, response) => {
    const chunks: Buffer[] = []
    request.on('data', (chunk: Buffer) => chunks.push(chunk))
    request.on('end', () => {
      const it = {
        method: request.method ?? '',
        url: request.url ?? '',
        headers: request.headers,
        body: Buffer.concat(chunks).toString('utf8'),
      }
      asked.push(it)
      const { status = 200, headers = {}, body, text, cutAfter, silent = false } = answer(it, asked.length)
      if (silent) return
      const written = text ?? (body === undefined ? '' : JSON.stringify(body))
      response.writeHead(status, { 'content-type': 'application/json', 'content-length': Buffer.byteLength(written), ...headers })
      if (cutAfter === undefined) response.end(written)
      else response.write(written.slice(0, cutAfter), () => response.socket?.destroy())
    })
  }
  const server: Server = at.tls === undefined ? createServer(listener) : createTlsServer(at.tls, listener)
  server.on(at.tls === undefined ? 'connection' : 'secureConnection', () => connections++)
  if (at.socket === undefined) server.listen(0, '127.0.0.1')
  else server.listen(at.socket)
  await once(server, 'listening')
  const address =
    at.socket === undefined
      ? `${at.tls === undefined ? 'http' : 'https'}://127.0.0.1:${(server.address() as AddressInfo).port}`
      : `unix://${at.socket}`
  return {
    address,
    asked,
    get connections() {
      return connections
    },
    async [Symbol.asyncDispose]() {
      server.closeAllConnections()
      server.close()
      await once(server, 'close')
    },
  }
}

/** A clock that lets every wait be over at once and remembers how long it was; the time limit of a request never passes. */
export interface EagerClock extends Clock {
  readonly waits: readonly number[]
}

export function eagerClock(limit = 60_000): EagerClock {
  const waits: number[] = []
  return {
    waits,
    now: () => new Date('2026-11-24T12:00:00Z'),
    after(ms, work) {
      if (ms === limit) return () => undefined
      waits.push(ms)
      let cancelled = false
      queueMicrotask(() => {
        if (!cancelled) work()
      })
      return () => {
        cancelled = true
      }
    },
  }
}

/** Always the same bytes: 0 is the least jitter, 255 the most. */
export const steadyRandom = (byte = 0): Random => ({
  bytes: count => new Uint8Array(count).fill(byte),
  uuid: () => '00000000-0000-4000-8000-000000000000',
})

export const clientAt = (address: string, options: Partial<ClientOptions> = {}): Client =>
  createClient({ address, token: 'the-token', clock: eagerClock(), random: steadyRandom(), proxyEnv: {}, ...options })
