import type { Clock } from '../../kernel/index.ts'

/** Waits for a time, a ring or the end, whichever comes first. A ring that nobody waits for is kept. */
export class Waker {
  readonly #clock: Clock
  #rung = false
  #wake: (() => void) | undefined

  constructor(clock: Clock) {
    this.#clock = clock
  }

  ring(): void {
    this.#rung = true
    this.#wake?.()
  }

  async wait(ms: number, signal: AbortSignal): Promise<void> {
    if (!this.#rung && !signal.aborted) {
      // The clock's timers keep no process alive; a watch is there to stay.
      const hold = setInterval(() => undefined, 2 ** 30)
      await new Promise<void>(resolve => {
        const wake = (): void => {
          cancel()
          signal.removeEventListener('abort', wake)
          this.#wake = undefined
          resolve()
        }
        this.#wake = wake
        const cancel = this.#clock.after(ms, wake)
        signal.addEventListener('abort', wake, { once: true })
      })
      clearInterval(hold)
    }
    this.#rung = false
  }
}
