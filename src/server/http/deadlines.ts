import type { Clock } from '../../kernel/index.ts'

export interface Deadline {
  /** Epoch milliseconds. */
  readonly at: number
  expire(): void
}

/**
 * One limit for many pieces of work: those that began first end first, so one timer for the oldest does for all, and starting and
 * stopping costs a clock's look and a set's entry.
 */
export class Deadlines {
  readonly #clock: Clock
  readonly #span: number
  readonly #open = new Set<Deadline>()
  #armed = false

  constructor(clock: Clock, span: number) {
    this.#clock = clock
    this.#span = span
  }

  /** Gives the time at which it will expire. */
  start(deadline: Deadline): number {
    this.#open.add(deadline)
    if (!this.#armed) this.#arm(this.#span)
    return this.#clock.now().getTime() + this.#span
  }

  stop(deadline: Deadline): void {
    this.#open.delete(deadline)
  }

  #arm(ms: number): void {
    this.#armed = true
    this.#clock.after(ms, () => this.#sweep())
  }

  #sweep(): void {
    this.#armed = false
    const now = this.#clock.now().getTime()
    for (const deadline of this.#open) {
      if (deadline.at > now) return this.#arm(deadline.at - now)
      this.#open.delete(deadline)
      deadline.expire()
    }
  }
}
