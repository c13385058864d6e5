/** Time is an argument: whoever needs it takes a Clock, so that no test sleeps. */
export interface Clock {
  now(): Date
  /** Runs `work` once after `ms` milliseconds; the returned function cancels. The timer does not keep the process alive. */
  after(ms: number, work: () => void): () => void
}

const LONGEST = 2 ** 31 - 1

export const systemClock: Clock = {
  now: () => new Date(),
  after(ms, work) {
    // setTimeout fires at once above 2^31 ms, so a longer wait is cut; whoever waits that long looks at the clock again.
    const timer = setTimeout(work, Math.min(Math.max(ms, 0), LONGEST))
    timer.unref()
    return () => clearTimeout(timer)
  },
}

/** A clock that stands until it is moved. Timers fire in order of their time, inside `advance`. */
export class ManualClock implements Clock {
  #now: number
  #timers: { at: number; work: () => void }[] = []

  constructor(start: Date) {
    this.#now = start.getTime()
  }

  now(): Date {
    return new Date(this.#now)
  }

  after(ms: number, work: () => void): () => void {
    const timer = { at: this.#now + Math.max(ms, 0), work }
    this.#timers.push(timer)
    return () => {
      this.#timers = this.#timers.filter(it => it !== timer)
    }
  }

  advance(ms: number): void {
    const until = this.#now + ms
    for (;;) {
      const due = this.#timers.filter(it => it.at <= until).sort((a, b) => a.at - b.at)[0]
      if (due === undefined) break
      this.#timers = this.#timers.filter(it => it !== due)
      this.#now = Math.max(this.#now, due.at)
      due.work()
    }
    this.#now = until
  }
}
