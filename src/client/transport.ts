import type { Agent, IncomingMessage, OutgoingHttpHeaders, RequestOptions } from 'node:http'
import { createRequire } from 'node:module'
import { Readable } from 'node:stream'
import type { ClientOptions } from './client.ts'
import { ClientMisconfigured } from './errors.ts'
import { tlsContext } from './tls.ts'

// `import … from 'node:http'` evaluates every export, WebSocket among them, and with it 40 ms of undici at each start.
const require = createRequire(import.meta.url)

/** An idle connection is dropped before a server or a middlebox is likely to have dropped its side unseen. */
const IDLE = 30_000
const LARGEST_ANSWER = 128 * 1024 * 1024

export interface Exchange {
  readonly origin: string
  readonly target: string
  readonly method: string
  readonly headers: OutgoingHttpHeaders
  readonly body: string | undefined
  readonly upload?: AsyncIterable<Uint8Array> | undefined
  readonly download?: ((body: AsyncIterable<Uint8Array>) => Promise<void>) | undefined
  readonly signal: AbortSignal
}

export interface RawAnswer {
  readonly status: number
  readonly headers: Readonly<Record<string, string>>
  readonly text: string
}

/** One request and its answer over pooled connections; rejects with the socket's own error. */
export interface Transport {
  readonly origin: string
  /** The path below which the API lives, without a trailing slash; mostly empty. */
  readonly base: string
  exchange(it: Exchange): Promise<RawAnswer>
  close(): void
}

const LOOPBACK = /^(localhost|127\.\d+\.\d+\.\d+|\[::1\])$/

interface Place {
  readonly origin: string
  readonly base: string
  readonly socketPath?: string
  readonly loopback: boolean
}

function placeOf(address: string): Place {
  if (address.startsWith('unix://'))
    return { origin: 'http://localhost', base: '', socketPath: address.slice('unix://'.length), loopback: true }
  let url: URL
  try {
    url = new URL(address)
  } catch (cause) {
    throw new ClientMisconfigured(`the address ${address} is not a URL`, { cause })
  }
  if (url.protocol !== 'http:' && url.protocol !== 'https:')
    throw new ClientMisconfigured(`the address ${address} must begin with http://, https:// or unix://`)
  if (url.username !== '' || url.password !== '') throw new ClientMisconfigured('the address must not hold a user name or password')
  return { origin: url.origin, base: url.pathname.replace(/\/+$/, ''), loopback: LOOPBACK.test(url.hostname) }
}

function flatHeaders(message: IncomingMessage): Readonly<Record<string, string>> {
  return Object.fromEntries(
    Object.entries(message.headers).map(([name, value]) => [name, Array.isArray(value) ? value.join(', ') : (value ?? '')]),
  )
}

/** @throws ClientMisconfigured for an address that is none. Certificates are read on the first connection. */
export function openTransport(options: ClientOptions): Transport {
  const { origin, base, socketPath, loopback } = placeOf(options.address)
  const { connections = 32, largestAnswer = LARGEST_ANSWER, proxyEnv, tls = {} } = options
  const agents = new Map<string, Agent>()

  const agentOf = (protocol: string): Agent => {
    const known = agents.get(protocol)
    if (known !== undefined) return known
    const pool = {
      keepAlive: true,
      maxSockets: connections,
      timeout: IDLE,
      scheduling: 'lifo',
      ...(proxyEnv === undefined || loopback ? {} : { proxyEnv }),
    } as const
    const agent =
      protocol === 'https:'
        ? new (require('node:https') as typeof import('node:https')).Agent({ ...pool, ...tlsContext(tls) })
        : new (require('node:http') as typeof import('node:http')).Agent(pool)
    agents.set(protocol, agent)
    return agent
  }

  function exchange(it: Exchange): Promise<RawAnswer> {
    const url = new URL(it.origin)
    const http = require(url.protocol === 'https:' ? 'node:https' : 'node:http') as typeof import('node:http')
    const target: RequestOptions = {
      agent: agentOf(url.protocol),
      protocol: url.protocol,
      hostname: url.hostname.replace(/^\[|\]$/g, ''),
      port: url.port,
      path: it.target,
      method: it.method,
      headers: it.headers,
      signal: it.signal,
      ...(socketPath === undefined || it.origin !== origin ? {} : { socketPath }),
    }
    return new Promise((resolve, reject) => {
      const request = http.request(target, message => {
        if (it.download !== undefined && message.statusCode === 200) {
          it.download(message).then(() => resolve({ status: 200, headers: flatHeaders(message), text: '' }), reject)
          return
        }
        const chunks: Buffer[] = []
        let size = 0
        message.on('data', (chunk: Buffer) => {
          size += chunk.length
          if (size <= largestAnswer) {
            chunks.push(chunk)
            return
          }
          reject(new Error(`the answer is larger than ${largestAnswer} bytes`))
          request.destroy()
        })
        message.on('error', reject)
        message.on('end', () =>
          resolve({ status: message.statusCode ?? 0, headers: flatHeaders(message), text: Buffer.concat(chunks, size).toString('utf8') }),
        )
      })
      request.on('error', reject)
      if (it.upload === undefined) request.end(it.body)
      else Readable.from(it.upload, { objectMode: false }).on('error', reject).pipe(request)
    })
  }

  return {
    origin,
    base,
    exchange,
    close() {
      for (const agent of agents.values()) agent.destroy()
      agents.clear()
    },
  }
}
