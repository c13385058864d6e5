/** Requests to the server that holds the key: in bounded time, of bounded size. Who asks again, and when, is the caller's. */
import { Agent as HttpAgent, request as requestHttp } from 'node:http'
import { Agent as HttpsAgent, request as requestHttps } from 'node:https'
import type { Clock } from '../../../kernel/index.ts'
import { SealError } from '../index.ts'
import type { TlsTrust } from './tls.ts'

export interface KmsOptions {
  readonly address: string
  readonly namespace: string
  readonly token: string
  readonly tls: TlsTrust
  readonly clock: Clock
}

type Data = Readonly<Record<string, unknown>>

const PATIENCE_MS = 30_000
const LARGEST_ANSWER = 1024 * 1024

export class Kms {
  readonly #base: URL
  readonly #agent: HttpAgent
  readonly #o: KmsOptions

  /** @throws SealError */
  constructor(options: KmsOptions) {
    const base = URL.parse(options.address)
    if (base === null || !['http:', 'https:'].includes(base.protocol))
      throw new SealError('address: expected a URL, such as "https://vault.example.com:8200"')
    // A header that cannot be written would be told of with its text.
    for (const [name, value] of [
      ['token', options.token],
      ['namespace', options.namespace],
    ] as const)
      if (!/^[\x21-\x7e]*$/.test(value)) throw new SealError(`${name}: it has characters that no header can hold`)
    this.#base = base
    this.#o = options
    this.#agent =
      base.protocol === 'https:'
        ? new HttpsAgent({ keepAlive: true, maxSockets: 4, minVersion: 'TLSv1.2', ...options.tls })
        : new HttpAgent({ keepAlive: true, maxSockets: 4 })
  }

  /** The answer's data. Rejects with a SealError. */
  async write(path: string, body: Data): Promise<Data> {
    return dataOf(path, await this.#send('PUT', path, body), 'data')
  }
  async read(path: string): Promise<Data> {
    return dataOf(path, await this.#send('GET', path), 'data')
  }
  /** For what answers with a token. */
  async authenticate(path: string): Promise<Data> {
    return dataOf(path, await this.#send('PUT', path, {}), 'auth')
  }

  close(): void {
    this.#agent.destroy()
  }

  #send(method: string, path: string, body?: Data): Promise<{ readonly status: number; readonly text: string }> {
    const { protocol, hostname, port, pathname } = this.#base
    const { clock, token, namespace } = this.#o
    const text = body === undefined ? undefined : JSON.stringify(body)
    return new Promise((done, fail) => {
      const request = (protocol === 'https:' ? requestHttps : requestHttp)({
        agent: this.#agent,
        hostname: hostname.replace(/^\[|\]$/g, ''),
        port,
        method,
        path: `${pathname.replace(/\/$/, '')}/v1/${path}`,
        headers: {
          'x-vault-token': token,
          'x-vault-request': 'true',
          ...(namespace !== '' && { 'x-vault-namespace': namespace }),
          ...(text !== undefined && { 'content-type': 'application/json', 'content-length': Buffer.byteLength(text) }),
        },
      })
      const failed = (why: string, cause?: unknown): void => {
        cancel()
        request.destroy()
        fail(new SealError(`${method} ${path} at ${this.#base.origin}: ${why}`, { cause }))
      }
      const cancel = clock.after(PATIENCE_MS, () => failed(`no answer within ${PATIENCE_MS / 1000} seconds`))
      request.on('error', cause => failed((cause as NodeJS.ErrnoException).code ?? cause.message, cause))
      request.on('response', message => {
        const chunks: Buffer[] = []
        let size = 0
        message.on('data', (chunk: Buffer) => {
          size += chunk.length
          if (size > LARGEST_ANSWER) failed('the answer is too large')
          else chunks.push(chunk)
        })
        message.on('error', cause => failed('the answer was cut off', cause))
        message.on('end', () => {
          cancel()
          const all = Buffer.concat(chunks)
          done({ status: message.statusCode ?? 0, text: all.toString() })
          // It may hold the key.
          for (const chunk of [...chunks, all]) chunk.fill(0)
        })
      })
      request.end(text)
    })
  }
}

function dataOf(path: string, { status, text }: { readonly status: number; readonly text: string }, part: 'data' | 'auth'): Data {
  let body: { readonly errors?: unknown } & Readonly<Record<string, unknown>>
  try {
    body = JSON.parse(text) as typeof body
  } catch (cause) {
    // What the text is may be told by its status; the text itself may be anything.
    throw new SealError(`${path} answered ${status}, and no JSON`, { cause })
  }
  const data = body[part]
  if (status === 200 && typeof data === 'object' && data !== null) return data as Data
  const errors = Array.isArray(body.errors) ? body.errors.filter(it => typeof it === 'string').map(it => it.trim()) : []
  throw new SealError(`${path} answered ${status}${errors.length === 0 ? '' : `: ${errors.join('; ').replaceAll(/\s+/g, ' ')}`}`)
}
