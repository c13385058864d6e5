import type { Host } from '../../logical/index.ts'
import { CrlBuilder } from './crl-builder.ts'
import { Caches, Store } from './store.ts'
import { Tidy } from './tidy.ts'

/** What a mount has in memory: what it read, the builder of its revocation lists, and what it does by itself. */
export class PkiMount {
  readonly host: Host
  readonly store: Store
  readonly crl: CrlBuilder
  readonly tidy: Tidy
  readonly #caches = new Caches()
  #lock: Promise<unknown> = Promise.resolve()

  constructor(host: Host) {
    this.host = host
    this.store = new Store(host.view, this.#caches)
    this.crl = new CrlBuilder(this)
    this.tidy = new Tidy(this)
  }

  /** Changes of issuers and keys happen one after the other: each looks at all others. */
  exclusively<T>(work: () => Promise<T>): Promise<T> {
    const done = this.#lock.then(work, work)
    this.#lock = done.catch(() => undefined)
    return done
  }

  async tick(now: Date): Promise<void> {
    await this.crl.tick(now)
    await this.tidy.tick(now)
  }

  async close(): Promise<void> {
    await this.tidy.close()
    await this.crl.close()
    this.#caches.clear()
  }
}
