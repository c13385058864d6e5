/**
 * Runs tasks one after the other, those that wait meanwhile together: as many as came while the last were on their way. Two
 * transactions that grant on one table at the same time make PostgreSQL refuse one of them ("tuple concurrently updated"), so side
 * by side they would be in one another's way; together they share the commit.
 */
export interface Runner<T> {
  /** All of them or none. */
  many(tasks: readonly T[]): Promise<void>
  one(task: T): Promise<void>
  /** Whether the task may be run with others. */
  isSocial(task: T): boolean
}

interface Waiting<T> {
  readonly task: T
  readonly fulfil: () => void
  readonly refuse: (cause: unknown) => void
}

const MOST = 32

export class Batches<T> {
  readonly #runner: Runner<T>
  #waiting: Waiting<T>[] = []
  #running = false

  constructor(runner: Runner<T>) {
    this.#runner = runner
  }

  /** The signal ends the wait; a task that has begun goes on. */
  run(task: T, signal: AbortSignal): Promise<void> {
    return new Promise((resolve, reject) => {
      const abort = (): void => {
        this.#waiting = this.#waiting.filter(it => it !== entry)
        reject(signal.reason as Error)
      }
      const settled = (): void => signal.removeEventListener('abort', abort)
      const entry: Waiting<T> = {
        task,
        fulfil: () => (settled(), resolve()),
        refuse: cause => (settled(), reject(cause)),
      }
      if (signal.aborted) return abort()
      signal.addEventListener('abort', abort, { once: true })
      this.#waiting.push(entry)
      if (!this.#running) void this.#work()
    })
  }

  async #work(): Promise<void> {
    this.#running = true
    while (this.#waiting.length > 0) await this.#next(this.#take())
    this.#running = false
  }

  #take(): readonly Waiting<T>[] {
    const alone = this.#waiting.findIndex(({ task }) => !this.#runner.isSocial(task))
    const count = alone < 0 ? MOST : Math.max(1, alone)
    return this.#waiting.splice(0, count)
  }

  async #next(batch: readonly Waiting<T>[]): Promise<void> {
    if (batch.length > 1) {
      const done = await this.#runner.many(batch.map(it => it.task)).then(
        () => true,
        () => false,
      )
      if (done) return batch.forEach(it => it.fulfil())
    }
    // One of them spoilt it for all, or the connection broke: each learns its own lot.
    for (const { task, fulfil, refuse } of batch) await this.#runner.one(task).then(fulfil, refuse)
  }
}
