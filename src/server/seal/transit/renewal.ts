import type { Clock, Log } from '../../../kernel/index.ts'
import type { Kms } from './kms.ts'

/** Of the time that is left, at which the token is renewed; and when that fails, it is tried again after half of the rest. */
const EARLY = 2 / 3
const SHORTEST_WAIT_MS = 1_000
const LONGEST_WAIT_MS = 24 * 3600_000

/**
 * Keeps the token alive. States: idle → (the first answer that it gave) looking it up → waiting ⇄ renewing → stopped; a token that
 * lives for ever, or that cannot be renewed, is let be.
 */
export class Renewal {
  readonly #kms: Kms
  readonly #clock: Clock
  readonly #log: Log
  #started = false
  #cancel = (): void => undefined
  #stopped = false

  constructor(kms: Kms, { clock, log }: { readonly clock: Clock; readonly log: Log }) {
    this.#kms = kms
    this.#clock = clock
    this.#log = log
  }

  /** The first time only. */
  start(): void {
    if (this.#started) return
    this.#started = true
    void this.#lookUp()
  }

  stop(): void {
    this.#stopped = true
    this.#cancel()
  }

  async #lookUp(): Promise<void> {
    try {
      const { ttl, renewable } = await this.#kms.read('auth/token/lookup-self')
      if (typeof ttl !== 'number' || ttl === 0) return
      if (renewable === true) this.#wait(ttl * 1000)
      else this.#log.write('warn', 'the token of the seal cannot be renewed: give the server another one before it ends', { ttl })
    } catch (cause) {
      this.#log.write('warn', 'the token of the seal cannot be looked up; it is not renewed', { error: (cause as Error).message })
    }
  }

  #wait(left: number): void {
    if (this.#stopped) return
    const wait = Math.min(Math.max(left * EARLY, SHORTEST_WAIT_MS), LONGEST_WAIT_MS)
    this.#cancel = this.#clock.after(wait, () => void this.#renew(left - wait))
  }

  async #renew(left: number): Promise<void> {
    try {
      const auth = await this.#kms.authenticate('auth/token/renew-self')
      const ttl = auth['lease_duration']
      if (typeof ttl !== 'number' || ttl === 0) return
      this.#wait(ttl * 1000)
    } catch (cause) {
      if (this.#stopped) return
      const rest = Math.round(left / 1000)
      this.#log.write('warn', 'the token of the seal could not be renewed', { error: (cause as Error).message, secondsLeft: rest })
      // Also when it should have ended: whoever holds the other clock knows better.
      this.#wait(Math.max(left, 3 * SHORTEST_WAIT_MS))
    }
  }
}
