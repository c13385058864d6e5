import type { Clock, Log } from '../../kernel/index.ts'
import { plainReason, type AuditDevice } from './device.ts'

/** A device counts as failed for an entry that it has not taken within this time. */
export const DEVICE_TIMEOUT_MS = 5000

interface Waiting {
  readonly since: number
  readonly settle: (taken: boolean) => void
}

/**
 * A device as the broker sees it: whatever it does, it answers in time whether it took an entry.
 *
 * States: well → (an entry is late) → stuck → (the last late entry came back, or failed) → well. While it is stuck it is asked
 * nothing more, so that a device that hangs costs the time-out once and not each request, and does not collect entries.
 */
export class Outlet {
  readonly path: string
  readonly #device: AuditDevice
  readonly #clock: Clock
  readonly #log: Log
  /** In order of their age. */
  readonly #waiting = new Set<Waiting>()
  #late = 0
  #cancel: (() => void) | undefined

  constructor(path: string, device: AuditDevice, clock: Clock, log: Log) {
    this.path = path
    this.#device = device
    this.#clock = clock
    this.#log = log
  }

  /** False: not taken, and the log says why. */
  write(line: string): Promise<boolean> {
    if (this.#late > 0) return Promise.resolve(false)
    return new Promise(resolve => {
      const waiting: Waiting = { since: this.#clock.now().getTime(), settle: resolve }
      this.#waiting.add(waiting)
      this.#device.write(line).then(
        () => this.#back(waiting, true),
        (cause: unknown) => {
          this.#log.write('error', 'audit device failed to log an entry', { path: this.path, error: plainReason(cause) })
          this.#back(waiting, false)
        },
      )
      this.#watch()
    })
  }

  #back(waiting: Waiting, taken: boolean): void {
    if (this.#waiting.delete(waiting)) return waiting.settle(taken)
    this.#late--
    if (this.#late === 0) this.#log.write('warn', 'audit device answers again', { path: this.path })
    return undefined
  }

  /** One timer for all: for the oldest. */
  #watch(): void {
    const oldest = this.#waiting.values().next().value
    if (this.#cancel !== undefined || oldest === undefined) return
    const left = oldest.since + DEVICE_TIMEOUT_MS - this.#clock.now().getTime()
    this.#cancel = this.#clock.after(Math.max(left, 1), () => {
      this.#cancel = undefined
      this.#giveUp()
      this.#watch()
    })
  }

  #giveUp(): void {
    const now = this.#clock.now().getTime()
    for (const waiting of this.#waiting) {
      if (waiting.since + DEVICE_TIMEOUT_MS > now) break
      this.#waiting.delete(waiting)
      if (this.#late++ === 0)
        this.#log.write('error', 'audit device hangs and is passed over until it answers', {
          path: this.path,
          seconds: DEVICE_TIMEOUT_MS / 1000,
        })
      waiting.settle(false)
    }
  }

  /** One entry, on trial: why it was not taken, if so. */
  tryOut(line: string): Promise<string | undefined> {
    return new Promise(resolve => {
      const cancel = this.#clock.after(DEVICE_TIMEOUT_MS, () => resolve('timed out'))
      this.#device.write(line).then(
        () => {
          cancel()
          resolve(undefined)
        },
        (cause: unknown) => {
          cancel()
          resolve(plainReason(cause))
        },
      )
    })
  }

  reopen(): Promise<void> {
    return this.#device.reopen()
  }

  async close(): Promise<void> {
    this.#cancel?.()
    await this.#device.close()
  }
}
