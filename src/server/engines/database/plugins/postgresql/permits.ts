/** So many at a time; who comes later waits for one to be given back, in order. */
export class Permits {
  readonly #waitMs: number
  #free: number
  #waiting: (() => void)[] = []

  constructor(count: number, waitMs: number) {
    this.#free = count
    this.#waitMs = waitMs
  }

  /** @throws Error when none was given back in time */
  async take(): Promise<void> {
    if (this.#free > 0) {
      this.#free--
      return
    }
    const { promise, resolve, reject } = Promise.withResolvers<void>()
    const timer = setTimeout(() => {
      this.#waiting = this.#waiting.filter(it => it !== resolve)
      reject(new Error(`no connection was free within ${this.#waitMs / 1000} seconds`))
    }, this.#waitMs)
    this.#waiting.push(resolve)
    await promise.finally(() => clearTimeout(timer))
  }

  giveBack(): void {
    const next = this.#waiting.shift()
    if (next === undefined) this.#free++
    else next()
  }
}
