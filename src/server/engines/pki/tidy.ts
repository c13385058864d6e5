/**
 * Tidying, one pass at a time. States: inactive → running → finished | error | cancelled, and running → cancelling → cancelled. Only
 * running and cancelling have a pass; a new one may begin in any other.
 */
import type { PkiMount } from './mount.ts'
import type { TidyConfig } from './settings.ts'
import { runTidy, TidyCancelled, type TidyProgress } from './tidy-run.ts'

export type TidyState = 'Inactive' | 'Running' | 'Finished' | 'Error' | 'Cancelling' | 'Cancelled'
export interface TidyStatus {
  readonly state: TidyState
  readonly config: TidyConfig
  readonly progress: Readonly<TidyProgress>
  readonly started: Date
  readonly finished?: Date
  readonly error?: string
}

export class Tidy {
  /** Of the last start or end, from which the next automatic one is counted. */
  last: Date
  status: TidyStatus | undefined
  readonly #mount: PkiMount
  #running: { readonly done: Promise<void>; readonly abort: AbortController } | undefined

  constructor(mount: PkiMount) {
    this.#mount = mount
    this.last = mount.host.clock.now()
  }

  get isRunning(): boolean {
    return this.#running !== undefined
  }

  /** Begins a pass; false when there is one already. */
  start(config: TidyConfig): boolean {
    if (this.#running !== undefined) return false
    const abort = new AbortController()
    const started = this.#now()
    const progress: TidyProgress = { message: '', certificatesDeleted: 0, revokedDeleted: 0, missingIssuers: 0 }
    this.last = started
    this.status = { state: 'Running', config, progress, started }
    const done = runTidy(this.#mount, config, progress, abort.signal).then(
      () => this.#end('Finished'),
      (cause: unknown) => (cause instanceof TidyCancelled ? this.#end('Cancelled') : this.#fail(cause)),
    )
    this.#running = { done, abort }
    return true
  }

  cancel(): void {
    if (this.#running === undefined || this.status === undefined) return
    this.#running.abort.abort()
    this.status = { ...this.status, state: 'Cancelling' }
  }

  /** The automatic pass, when it is time for it. Not waited for by the tick. */
  async tick(now: Date): Promise<void> {
    const config = await this.#mount.store.autoTidy()
    if (!config.enabled || config.interval <= 0 || now.getTime() < this.last.getTime() + config.interval * 1000) return
    this.start(config)
  }

  /** Resolves when no pass is on its way. */
  async idle(): Promise<void> {
    await this.#running?.done
  }

  async close(): Promise<void> {
    this.#running?.abort.abort()
    await this.idle()
  }

  #now = (): Date => this.#mount.host.clock.now()

  #end(state: TidyState, error?: string): void {
    this.#running = undefined
    const finished = this.#now()
    if (state === 'Finished') this.last = finished
    if (this.status !== undefined) this.status = { ...this.status, state, finished, ...(error !== undefined && { error }) }
  }

  #fail(cause: unknown): void {
    this.#mount.host.log.write('error', 'tidying failed', { cause })
    this.#end('Error', 'error running tidy; the log says why')
  }
}
