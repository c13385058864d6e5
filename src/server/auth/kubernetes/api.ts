/**
 * Questions to the API server: over TLS that trusts the given CA and nothing else, in bounded time and of bounded size. What
 * may pass by itself (a connection that is refused or cut, an answer that says "later") is asked again, a little later each time.
 */
import { X509Certificate } from 'node:crypto'
import { Agent as HttpAgent, request as requestHttp, type ClientRequest } from 'node:http'
import { Agent as HttpsAgent, request as requestHttps } from 'node:https'
import type { Clock, Log, Random } from '../../../kernel/index.ts'

export interface Question {
  readonly method: 'GET' | 'POST'
  readonly path: string
  /** Never logged. */
  readonly bearer: string
  readonly body?: string
}
export interface ApiAnswer {
  readonly status: number
  readonly body: string
}

/** No answer came, or none that can be used. The message names no secret and no address. */
export class ApiUnreachable extends Error {}

export interface ApiPorts {
  readonly clock: Clock
  readonly random: Random
  readonly log: Log
}

/** How long one attempt may take, how often is asked, and how long the first wait is at most; the next is twice as long. */
const ATTEMPT_MS = 10_000
const ATTEMPTS = 3
const FIRST_WAIT_MS = 200
const LONGEST_WAIT_MS = 2_000
/** A TokenReview has some kilobytes. */
const LARGEST_ANSWER = 1024 * 1024

const PASSING = new Set(['ECONNREFUSED', 'ECONNRESET', 'EPIPE', 'ETIMEDOUT', 'EAI_AGAIN', 'EHOSTUNREACH', 'ENETUNREACH'])
const LATER = new Set([429, 500, 502, 503, 504])
const CERTIFICATES = /-----BEGIN CERTIFICATE-----[^-]+-----END CERTIFICATE-----/g

/** The certificates of a PEM text that are any. */
export function certificatesOf(pem: string): readonly string[] {
  return (pem.match(CERTIFICATES) ?? []).filter(text => {
    try {
      return new X509Certificate(text).subject !== undefined
    } catch {
      return false
    }
  })
}

type Attempt =
  | { readonly is: 'answer'; readonly answer: ApiAnswer; readonly retryAfter: number | undefined }
  | { readonly is: 'failure'; readonly why: string; readonly cause?: unknown; readonly mayPass: boolean }

/** Connections to one API server, trusting one CA. */
export class Api {
  readonly #base: URL
  readonly #agent: HttpAgent
  readonly #ports: ApiPorts

  /** `host`: a URL, or a host with or without a port, which then is asked over HTTPS. Throws a TypeError when it is none of them. */
  constructor(host: string, ca: string, ports: ApiPorts) {
    this.#base = new URL(/^https?:\/\//i.test(host) ? host : `https://${host}`)
    this.#ports = ports
    this.#agent =
      this.#base.protocol === 'https:'
        ? // An empty list trusts nobody; an absent one would trust what Node trusts.
          new HttpsAgent({ keepAlive: true, maxSockets: 32, timeout: 60_000, ca: [...certificatesOf(ca)], minVersion: 'TLSv1.2' })
        : new HttpAgent({ keepAlive: true, maxSockets: 32, timeout: 60_000 })
  }

  /** Ends what is on its way. */
  close(): void {
    this.#agent.destroy()
  }

  /** Lets end what is on its way, and keeps no connection for more. */
  retire(): void {
    this.#agent.maxFreeSockets = 0
    for (const sockets of Object.values(this.#agent.freeSockets)) for (const socket of sockets ?? []) socket.destroy()
  }

  /** Rejects with ApiUnreachable, and with the signal's reason when that ends it. */
  async ask(question: Question, signal: AbortSignal): Promise<ApiAnswer> {
    for (let attempt = 1; ; attempt++) {
      const outcome = await this.#attempt(question, signal)
      signal.throwIfAborted()
      const mayPass = outcome.is === 'answer' ? LATER.has(outcome.answer.status) : outcome.mayPass
      if (outcome.is === 'answer' && !mayPass) return outcome.answer
      if (!mayPass || attempt === ATTEMPTS) {
        if (outcome.is === 'answer') return outcome.answer
        throw new ApiUnreachable(outcome.why, { cause: outcome.cause })
      }
      const wait = this.#wait(attempt, outcome.is === 'answer' ? outcome.retryAfter : undefined)
      this.#ports.log.write('debug', 'the Kubernetes API is asked again', {
        attempt,
        waitMs: wait,
        why: outcome.is === 'answer' ? `status ${outcome.answer.status}` : outcome.why,
      })
      await pause(wait, this.#ports.clock, signal)
    }
  }

  /** Half of it by chance, so that servers that failed together do not come back together. */
  #wait(attempt: number, retryAfter: number | undefined): number {
    const full = FIRST_WAIT_MS * 2 ** (attempt - 1)
    const chance = (this.#ports.random.bytes(1)[0] ?? 0) / 255
    return Math.min(Math.max(retryAfter ?? 0, Math.round(full * (0.5 + chance / 2))), LONGEST_WAIT_MS)
  }

  #attempt({ method, path, bearer, body }: Question, signal: AbortSignal): Promise<Attempt> {
    const { protocol, hostname, port, pathname } = this.#base
    return new Promise(settle => {
      let request: ClientRequest
      let cancelTimer = (): void => undefined
      const stop = (): void => void request.destroy(new Error('stopped'))
      const done = (outcome: Attempt): void => {
        cancelTimer()
        signal.removeEventListener('abort', stop)
        settle(outcome)
      }
      const failed = (cause: unknown): void => done({ is: 'failure', cause, ...reasonOf(cause) })
      try {
        request = (protocol === 'https:' ? requestHttps : requestHttp)({
          agent: this.#agent,
          hostname: hostname.replace(/^\[|\]$/g, ''),
          port,
          path: pathname.replace(/\/$/, '') + path,
          method,
          headers: {
            accept: 'application/json',
            authorization: `Bearer ${bearer}`,
            'content-type': 'application/json',
            'user-agent': 'lockstep',
            ...(body !== undefined && { 'content-length': Buffer.byteLength(body) }),
          },
        })
      } catch (cause) {
        // A bearer that cannot be a header.
        settle({ is: 'failure', why: 'the request cannot be written', cause, mayPass: false })
        return
      }
      cancelTimer = this.#ports.clock.after(ATTEMPT_MS, () => {
        done({ is: 'failure', why: `no answer within ${ATTEMPT_MS / 1000} seconds`, mayPass: true })
        stop()
      })
      signal.addEventListener('abort', stop, { once: true })
      request.on('error', failed)
      request.on('response', message => {
        const chunks: Buffer[] = []
        let size = 0
        message.on('data', (chunk: Buffer) => {
          size += chunk.length
          if (size > LARGEST_ANSWER) {
            done({ is: 'failure', why: 'the answer is too large', mayPass: false })
            stop()
          } else chunks.push(chunk)
        })
        message.on('error', failed)
        message.on('end', () => {
          const after = Number(message.headers['retry-after'])
          done({
            is: 'answer',
            answer: { status: message.statusCode ?? 0, body: Buffer.concat(chunks).toString() },
            retryAfter: Number.isFinite(after) ? after * 1000 : undefined,
          })
        })
      })
      request.end(body)
    })
  }
}

/** In words of our own: those of the system name addresses. */
function reasonOf(cause: unknown): { readonly why: string; readonly mayPass: boolean } {
  const { code = '' } = cause as NodeJS.ErrnoException
  if (PASSING.has(code)) return { why: `the connection failed (${code})`, mayPass: true }
  return { why: code === '' ? 'the connection was ended' : `the connection failed (${code})`, mayPass: false }
}

function pause(ms: number, clock: Clock, signal: AbortSignal): Promise<void> {
  return new Promise((done, fail) => {
    const stop = (): void => {
      cancel()
      fail(signal.reason as Error)
    }
    const cancel = clock.after(ms, () => {
      signal.removeEventListener('abort', stop)
      done()
    })
    signal.addEventListener('abort', stop, { once: true })
  })
}
