import type { IncomingMessage, ServerResponse } from 'node:http'
import type { Clock, Log } from '../../kernel/index.ts'
import { faults, isFault } from '../logical/index.ts'
import { type Answer, refusal, send } from './answer.ts'
import { header } from './credentials.ts'
import type { Deadline, Deadlines } from './deadlines.ts'

export interface ExchangeParts {
  readonly clock: Clock
  readonly log: Log
  readonly deadlines: Deadlines
}

/** How long a client may go on sending what is refused already. */
const LINGER_MS = 1000

/** One request and its one answer: whatever comes second is dropped. */
export class Exchange implements Deadline {
  readonly at: number
  readonly request: IncomingMessage
  readonly response: ServerResponse
  /** Of the header X-Vault-Namespace, which comes back with the answer. */
  readonly namespace: string
  /** Goes out with the answer, whichever it is. */
  extra: Readonly<Record<string, string>> | undefined
  /** A body that is no text. */
  bytes: Uint8Array | undefined
  readonly #parts: ExchangeParts
  #abort: AbortController | undefined
  #gone = false
  #answered = false

  constructor(parts: ExchangeParts, request: IncomingMessage, response: ServerResponse) {
    this.#parts = parts
    this.request = request
    this.response = response
    this.namespace = header(request, 'x-vault-namespace')
    this.at = parts.deadlines.start(this)
    response.on('close', () => {
      parts.deadlines.stop(this)
      if (!this.#answered) this.#leave()
    })
  }

  /** Aborts when nobody waits for the answer any more. Made for those who look at it. */
  get signal(): AbortSignal {
    this.#abort ??= new AbortController()
    if (this.#gone) this.#abort.abort()
    return this.#abort.signal
  }

  expire(): void {
    this.refuse(faults.outOfTime())
    this.#leave()
  }

  #leave(): void {
    this.#gone = true
    this.#abort?.abort()
  }

  send(answer: Answer): void {
    if (this.#answered || this.response.destroyed) return
    this.#answered = true
    const { extra, namespace } = this
    const named = namespace !== '' && answer.headers['Cache-Control'] !== undefined
    if (!named && extra === undefined) send(this.response, answer)
    else send(this.response, answer, { ...extra, ...(named && { 'X-Vault-Namespace': namespace }) })
  }

  refuse(thrown: unknown): void {
    if (this.#answered || this.response.destroyed) return
    if (!isFault(thrown)) {
      this.#report(thrown)
      this.send(refusal(faults.internal()))
      return
    }
    if (thrown.status >= 500 && thrown.cause !== undefined) this.#report(thrown.cause)
    if (thrown.code === 'bodyTooLarge') this.#refuseBody(refusal(thrown))
    else this.send(refusal(thrown))
  }

  /** The query may hold a token that was put there by mistake. */
  #report(cause: unknown): void {
    this.#parts.log.write('error', 'request failed', {
      method: this.request.method,
      path: (this.request.url ?? '').replace(/\?.*/s, ''),
      error: cause instanceof Error ? (cause.stack ?? cause.message) : String(cause),
    })
  }

  /**
   * The client is still sending, and may not look at an answer before it is done; closing on it would take the answer away. So the
   * rest is read for a moment, and thrown away.
   */
  #refuseBody({ status, body }: Answer): void {
    this.#answered = true
    const { request, response } = this
    response.writeHead(status, {
      'Content-Type': 'application/json',
      'Content-Length': Buffer.byteLength(body as string),
      Connection: 'close',
    })
    response.write(body)
    const end = (): void => void response.end()
    this.#parts.clock.after(LINGER_MS, end)
    request.on('end', end)
    request.resume()
  }
}
