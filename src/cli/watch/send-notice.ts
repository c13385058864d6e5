import type { Log } from '../../kernel/index.ts'
import {
  noticeJson,
  signatureOf,
  slackJson,
  type Journal,
  type NoticeFacts,
  type RunOutcome,
  type RunRecord,
} from '../../reconciler/watch/index.ts'

export interface Receiver {
  /** Secret: it is never logged. */
  readonly url: string
  readonly secret?: string
  readonly format: 'json' | 'slack'
  readonly on: ReadonlySet<RunOutcome>
}

export interface SenderOptions {
  readonly receivers: readonly Receiver[]
  /** As they are known by then. */
  readonly facts: () => NoticeFacts
  readonly journal: Journal
  readonly log: Log
  readonly sleep: (ms: number) => Promise<void>
}

const TRIES = 3
const PATIENCE_MS = 10_000
/** What cannot be delivered must not pile up. */
const MOST_WAITING = 100

/** Sends notices one after the other, beside everything else: a receiver that hangs holds up nothing but notices. */
export class Sender {
  readonly #o: SenderOptions
  #turn: Promise<void> = Promise.resolve()
  #waiting = 0

  constructor(options: SenderOptions) {
    this.#o = options
  }

  send(record: RunRecord, event: RunOutcome): void {
    for (const [i, receiver] of this.#o.receivers.entries()) {
      if (!receiver.on.has(event)) continue
      if (this.#waiting >= MOST_WAITING) {
        this.#o.journal.noticesFailed++
        continue
      }
      this.#waiting++
      this.#turn = this.#turn.then(() => this.#deliver(receiver, i, record)).finally(() => this.#waiting--)
    }
  }

  /** When everything has been sent or given up. */
  async drained(): Promise<void> {
    await this.#turn
  }

  async #deliver(receiver: Receiver, index: number, record: RunRecord): Promise<void> {
    const { journal, log, facts } = this.#o
    const body = receiver.format === 'slack' ? slackJson(record, facts()) : noticeJson(record, facts())
    for (let tries = 1; ; tries++) {
      const problem = await attempt(receiver, body)
      if (problem === undefined) {
        journal.noticesSent++
        return
      }
      if (tries === TRIES || problem.isFinal) {
        journal.noticesFailed++
        log.write('warn', 'a notice could not be delivered', { receiver: index + 1, why: problem.why })
        return
      }
      await this.#o.sleep(1000 * 2 ** tries)
    }
  }
}

async function attempt({ url, secret }: Receiver, body: string): Promise<{ readonly why: string; readonly isFinal: boolean } | undefined> {
  try {
    const answer = await fetch(url, {
      method: 'POST',
      redirect: 'error',
      signal: AbortSignal.timeout(PATIENCE_MS),
      headers: {
        'Content-Type': 'application/json',
        'User-Agent': 'lockstep',
        ...(secret === undefined ? {} : { 'X-Lockstep-Signature-256': signatureOf(secret, body) }),
      },
      body,
    })
    await answer.body?.cancel()
    if (answer.ok) return undefined
    return { why: `it answered ${answer.status}`, isFinal: answer.status < 500 && answer.status !== 429 }
  } catch (thrown) {
    // The message of fetch may hold the address, which is a secret of its own.
    const cause = (thrown as { readonly cause?: { readonly code?: unknown } }).cause?.code
    return { why: typeof cause === 'string' ? cause : 'no answer', isFinal: false }
  }
}
