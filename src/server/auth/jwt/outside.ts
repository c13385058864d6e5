/**
 * Requests to the provider: over TLS that trusts the given CA, in bounded time and of bounded size. What goes wrong is told in words
 * of our own, since logins show it to strangers and those of the system name addresses.
 */
import { X509Certificate } from 'node:crypto'
import { Agent as HttpAgent, request as requestHttp, type ClientRequest } from 'node:http'
import { Agent as HttpsAgent, request as requestHttps } from 'node:https'
import { checkServerIdentity, getCACertificates } from 'node:tls'
import type { Clock } from '../../../kernel/index.ts'

export interface OutsideAnswer {
  readonly status: number
  /** `404 Not Found`, as the peer names it. */
  readonly statusLine: string
  readonly body: string
}

/** No answer came, or none that can be used. The message names no secret and no address. */
export class OutsideFailure extends Error {}

export interface Trust {
  /** PEM; empty: what the system trusts. */
  readonly ca: string
  /** Names that a certificate may be for in place of the host; empty: the host. */
  readonly serverNames: readonly string[]
}

interface Question {
  readonly url: string
  /** Sent as a form, by POST. Never logged. */
  readonly form?: Readonly<Record<string, string>>
  /** Sent as JSON, by POST. */
  readonly json?: unknown
  /** Of the header Authorization. Never logged. */
  readonly authorization?: string
}

const LONGEST_MS = 10_000
/** Key sets and discovery documents have some kilobytes. */
const LARGEST_ANSWER = 1024 * 1024
const MOST_REDIRECTS = 5
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

let systemTrust: string[] | undefined

/** Connections that trust alike. */
export class Outside {
  readonly #http = new HttpAgent({ keepAlive: true, maxSockets: 16, timeout: 60_000 })
  readonly #https: HttpsAgent
  readonly #clock: Clock

  constructor({ ca, serverNames }: Trust, clock: Clock) {
    this.#clock = clock
    systemTrust ??= [...new Set([...getCACertificates('default'), ...getCACertificates('system')])]
    this.#https = new HttpsAgent({
      keepAlive: true,
      maxSockets: 16,
      timeout: 60_000,
      minVersion: 'TLSv1.2',
      ca: ca === '' ? systemTrust : [...certificatesOf(ca)],
      ...(serverNames.length > 0 && {
        checkServerIdentity: (_host, certificate) => {
          const wrong = serverNames.map(name => checkServerIdentity(name, certificate))
          return wrong.includes(undefined) ? undefined : wrong[0]
        },
      }),
    })
  }

  close(): void {
    this.#http.destroy()
    this.#https.destroy()
  }

  /** Rejects with OutsideFailure, and with the signal's reason when that ends it. Redirects are followed for what is only read. */
  async ask(question: Question, signal: AbortSignal): Promise<OutsideAnswer> {
    let { url } = question
    for (let redirects = 0; ; redirects++) {
      const { location, ...answer } = await this.#once({ ...question, url }, signal)
      signal.throwIfAborted()
      const moves = location !== undefined && question.form === undefined && question.json === undefined
      if (!moves || ![301, 302, 303, 307, 308].includes(answer.status)) return answer
      if (redirects === MOST_REDIRECTS) throw new OutsideFailure('there are too many redirects')
      const next = URL.canParse(location, url) ? new URL(location, url).href : location
      if (url.startsWith('https:') && !next.startsWith('https:')) throw new OutsideFailure('a redirect leads away from HTTPS')
      if (question.authorization !== undefined && new URL(next).origin !== new URL(url).origin) {
        throw new OutsideFailure('a redirect leads to another server')
      }
      url = next
    }
  }

  #once({ url, form, json, authorization }: Question, signal: AbortSignal): Promise<OutsideAnswer & { readonly location?: string }> {
    const at = URL.canParse(url) ? new URL(url) : undefined
    if (at === undefined || !/^https?:$/.test(at.protocol)) throw new OutsideFailure('the address is no URL of HTTP')
    const secure = at.protocol === 'https:'
    const body = form === undefined ? (json === undefined ? undefined : JSON.stringify(json)) : new URLSearchParams(form).toString()
    return new Promise((settle, fail) => {
      let request: ClientRequest
      let cancelTimer = (): void => undefined
      const stop = (): void => void request.destroy(new Error('stopped'))
      const clear = (): void => {
        cancelTimer()
        signal.removeEventListener('abort', stop)
      }
      const refuse = (why: string, cause?: unknown): void => {
        clear()
        fail(new OutsideFailure(why, { cause }))
      }
      try {
        request = (secure ? requestHttps : requestHttp)(at, {
          agent: secure ? this.#https : this.#http,
          method: body === undefined ? 'GET' : 'POST',
          headers: {
            accept: 'application/json',
            'user-agent': 'lockstep',
            ...(authorization !== undefined && { authorization }),
            ...(body !== undefined && {
              'content-type': form === undefined ? 'application/json' : 'application/x-www-form-urlencoded',
              'content-length': Buffer.byteLength(body),
            }),
          },
        })
      } catch (cause) {
        // A secret that cannot be a header.
        fail(new OutsideFailure('the request cannot be written', { cause }))
        return
      }
      cancelTimer = this.#clock.after(LONGEST_MS, () => {
        refuse(`no answer within ${LONGEST_MS / 1000} seconds`)
        stop()
      })
      signal.addEventListener('abort', stop, { once: true })
      request.on('error', cause => refuse(reasonOf(cause), cause))
      request.on('response', message => {
        const chunks: Buffer[] = []
        let size = 0
        message.on('data', (chunk: Buffer) => {
          size += chunk.length
          if (size > LARGEST_ANSWER) {
            refuse('the answer is too large')
            stop()
          } else chunks.push(chunk)
        })
        message.on('error', cause => refuse(reasonOf(cause), cause))
        message.on('end', () => {
          clear()
          const { statusCode: status = 0, statusMessage = '', headers } = message
          settle({
            status,
            statusLine: `${status} ${statusMessage}`.trim(),
            body: Buffer.concat(chunks).toString(),
            ...(headers.location !== undefined && { location: headers.location }),
          })
        })
      })
      request.end(body)
    })
  }
}

function reasonOf(cause: unknown): string {
  const { code = '' } = cause as NodeJS.ErrnoException
  return code === '' ? 'the connection was ended' : `the connection failed (${code})`
}

/** The object of a JSON text; undefined when it is none. */
export function objectOf(text: string): Readonly<Record<string, unknown>> | undefined {
  try {
    const value: unknown = JSON.parse(text)
    return typeof value === 'object' && value !== null && !Array.isArray(value) ? (value as Readonly<Record<string, unknown>>) : undefined
  } catch {
    return undefined
  }
}
