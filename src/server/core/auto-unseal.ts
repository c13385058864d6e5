import type { Clock, Log } from '../../kernel/index.ts'

/** Between two attempts; it doubles. */
const FIRST_WAIT_MS = 1_000
const LONGEST_WAIT_MS = 60_000

export interface AutoUnsealOptions {
  readonly clock: Clock
  readonly log: Log
  /** Rejects when it could not be done now. */
  readonly attempt: () => Promise<void>
}

/**
 * Unseals without people, and tries again as long as the keeper of the key cannot be reached, or does not give it: at first soon,
 * then once a minute. It ends when it has come through once; or when somebody has sealed the server, who wants it sealed.
 */
export class AutoUnseal {
  readonly #o: AutoUnsealOptions
  #cancel = (): void => undefined
  #stopped = false

  constructor(options: AutoUnsealOptions) {
    this.#o = options
  }

  /** Resolves after the first attempt, however that went. */
  async start(wait: number = FIRST_WAIT_MS): Promise<void> {
    const { clock, log, attempt } = this.#o
    try {
      await attempt()
    } catch (cause) {
      if (this.#stopped) return
      log.write('warn', 'the server cannot unseal itself yet, and tries again', { error: wordsOf(cause), seconds: wait / 1000 })
      this.#cancel = clock.after(wait, () => void this.start(Math.min(wait * 2, LONGEST_WAIT_MS)))
    }
  }

  stop(): void {
    this.#stopped = true
    this.#cancel()
  }
}

/** What a fault says to a client is said here too; `message` alone would be its code. */
function wordsOf(cause: unknown): string {
  const { wire = [], message } = cause as Error & { readonly wire?: readonly string[] }
  return wire.length === 0 ? message : wire.join('; ')
}
