import { recover } from './recovery.ts'
import type { DatabaseMount } from './mount.ts'
import { Rotation } from './rotation.ts'

/** The journal is looked through at the first tick of a mount, and then this often. */
const RECOVERY_MS = 60_000

/** What a mount does by itself: it takes up what was left behind, and changes passwords that are due. */
export class PeriodicWork {
  readonly rotation: Rotation
  readonly #mount: DatabaseMount
  #running: Promise<void> | undefined
  #recovered = Number.NEGATIVE_INFINITY

  constructor(mount: DatabaseMount) {
    this.#mount = mount
    this.rotation = new Rotation(mount)
  }

  /** Not waited for by the tick: a database that does not answer must not keep other mounts from theirs. */
  start(now: number): void {
    this.#running ??= this.#run(now)
      .catch((cause: unknown) => this.#mount.host.log.write('error', 'periodic work of a database mount failed', { cause }))
      .finally(() => (this.#running = undefined))
  }

  async #run(now: number): Promise<void> {
    if (now - this.#recovered >= RECOVERY_MS) {
      this.#recovered = now
      await recover(this.#mount)
    }
    await this.rotation.run()
  }

  async end(): Promise<void> {
    await this.#running
  }
}
