import type { Clock } from '../../../kernel/index.ts'

const MOST = 100_000

/** How often a code was tried of late, by method and entity: six digits would be found in no time. */
export class Attempts {
  readonly #clock: Clock
  readonly #all = new Map<string, { count: number; readonly until: number }>()

  constructor(clock: Clock) {
    this.#clock = clock
  }

  /** Counts one more within the period (seconds) that the first began; the number of them. */
  count(key: string, period: number): number {
    const now = this.#clock.now().getTime()
    const known = this.#all.get(key)
    if (known !== undefined && known.until > now) return ++known.count
    for (const [oldest, { until }] of this.#all) {
      if (until > now && this.#all.size < MOST) break
      this.#all.delete(oldest)
    }
    this.#all.delete(key)
    this.#all.set(key, { count: 1, until: now + period * 1000 })
    return 1
  }

  forget(key: string): void {
    this.#all.delete(key)
  }
}
