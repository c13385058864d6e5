/**
 * Runs tasks on a few lanes, those that wait meanwhile together: as many as came while the last were on their way. Together they share
 * the way to the database and the commit.
 */
export interface Runner<T> {
  /** All of them or none. */
  many(tasks: readonly T[]): Promise<void>
  one(task: T): Promise<void>
  /** Whether it is certain that nothing was done, so that each may be tried alone. */
  isUndone(cause: unknown): boolean
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
  readonly #lanes: number
  #busy = 0

  constructor(runner: Runner<T>, lanes: number) {
    this.#runner = runner
    this.#lanes = lanes
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
      // In a moment: who comes in the same one goes together.
      if (this.#busy < this.#lanes) {
        this.#busy++
        setImmediate(() => void this.#work())
      }
    })
  }

  async #work(): Promise<void> {
    while (this.#waiting.length > 0) await this.#next(this.#take())
    this.#busy--
  }

  /** A fair share of those that wait, up to the first that must be alone. */
  #take(): readonly Waiting<T>[] {
    const alone = this.#waiting.findIndex(({ task }) => !this.#runner.isSocial(task))
    const share = Math.ceil(this.#waiting.length / (this.#lanes - this.#busy + 1))
    return this.#waiting.splice(0, Math.min(MOST, share, alone < 0 ? MOST : Math.max(1, alone)))
  }

  async #next(batch: readonly Waiting<T>[]): Promise<void> {
    if (batch.length > 1) {
      const failure = await this.#runner.many(batch.map(it => it.task)).then(
        () => undefined,
        (cause: unknown) => ({ cause }),
      )
      if (failure === undefined) return batch.forEach(it => it.fulfil())
      if (!this.#runner.isUndone(failure.cause)) return batch.forEach(it => it.refuse(failure.cause))
    }
    // One of them spoilt it for all: each learns its own lot.
    for (const { task, fulfil, refuse } of batch) await this.#runner.one(task).then(fulfil, refuse)
  }
}
