/**
 * The records of one unsealed period: from `unseal` to `seal`, with its keys, what it knows and what it has on the way.
 *
 * What is known of a path:
 *   - `committed`: what the store holds for good, from the cache or from the store. Plain reads see this.
 *   - `newest`: the same, or what the last commit sent for the path will put there. Transactions read this: since commits
 *     take effect in the order they were sent, one that expects an earlier one's outcome fails if that one does, and many
 *     changes of one record go through in one flush instead of one each.
 *
 * Invariants:
 *   1. The cache never holds what the store may not hold: a commit changes it when it has resolved, in order; a load that
 *      a commit overtook is not kept; after a failed commit, and after a refused one, the paths concerned are forgotten.
 *   2. Validation and sending happen in one turn of the event loop, so that no other commit slips in between.
 *   3. While the gate is closed only its closer sends.
 *   4. A record's plaintext is copied when it comes in and when it goes out; `close` overwrites what is cached.
 */
import { AsyncLocalStorage } from 'node:async_hooks'
import { invariant } from '../../kernel/index.ts'
import { faults } from '../logical/index.ts'
import type { Storage } from '../storage/index.ts'
import type { KeyRing } from './key-ring.ts'
import { RecordCache, type Known } from './record-cache.ts'

export type { Known }

const ABSENT: Known = { raw: undefined, plain: undefined }

/** A transaction's listings: `stale` as soon as a commit touches something below one of the prefixes. */
export interface Listings {
  readonly prefixes: Set<string>
  stale: boolean
}

export interface Change {
  readonly reads: ReadonlyMap<string, Known>
  readonly listings?: Listings
  /** Plaintext by path; undefined deletes. The buffers are given away: they become what is known. */
  readonly writes: ReadonlyMap<string, Buffer | undefined>
}

export interface RecordsOptions {
  readonly storage: Storage
  readonly ring: KeyRing
  readonly cacheBytes: number
  /** Called after records were encrypted, for whoever counts. */
  readonly afterEncrypting: () => void
}

/** Set while a transaction runs that others wait for. Only to turn a deadlock into an error. */
export const heldTurn: AsyncLocalStorage<{ held: boolean }> = new AsyncLocalStorage()

export class Records {
  readonly #storage: Storage
  readonly #ring: KeyRing
  readonly #cache: RecordCache
  readonly #afterEncrypting: () => void
  readonly #loading = new Map<string, Promise<Known>>()
  readonly #sent = new Map<string, Known>()
  readonly #inFlight = new Map<Promise<boolean>, ReadonlySet<string>>()
  readonly #listings = new Set<Listings>()
  #gate: Promise<void> | undefined
  #open = true

  constructor({ storage, ring, cacheBytes, afterEncrypting }: RecordsOptions) {
    this.#storage = storage
    this.#ring = ring
    this.#cache = new RecordCache(cacheBytes)
    this.#afterEncrypting = afterEncrypting
  }

  /** Throws the fault `sealed` when this period is over. */
  live(): void {
    if (!this.#open) throw faults.sealed()
  }

  close(): void {
    this.#open = false
    this.#cache.wipe()
    for (const { plain } of this.#sent.values()) plain?.fill(0)
    this.#sent.clear()
    this.#loading.clear()
  }

  /** When everything sent has been answered. The next period must not read before that. */
  async settled(under = ''): Promise<void> {
    for (;;) {
      const waiting = [...this.#inFlight].filter(([, paths]) => paths.values().some(path => path.startsWith(under)))
      if (waiting.length === 0) return
      await Promise.allSettled(waiting.map(([done]) => done))
    }
  }

  committed(path: string): Known | Promise<Known> {
    return this.#cache.get(path) ?? this.#loading.get(path) ?? this.#load(path)
  }

  /** What the last commit sent for the path will put there, if it is still on its way. */
  sent(path: string): Known | undefined {
    return this.#sent.get(path)
  }

  async list(prefix: string, page?: { readonly after?: string; readonly limit?: number }): Promise<readonly string[]> {
    const names = await this.#storage.list(prefix, page).catch((cause: unknown) => {
      throw faults.storageFailed({ cause })
    })
    this.live()
    return names
  }

  watch(listings: Listings): void {
    this.#listings.add(listings)
  }

  unwatch(listings: Listings): void {
    this.#listings.delete(listings)
  }

  /**
   * Sends one commit, at once unless the gate is closed. Resolves when it is durable; `false`, with nothing changed, when
   * something that it read is no longer so.
   */
  send(change: Change, own?: 'ownGate'): Promise<boolean> {
    if (this.#gate !== undefined && own === undefined) {
      invariant(heldTurn.getStore()?.held !== true, 'inside transact, use the view that it gives')
      return this.#gate.then(() => this.send(change))
    }
    this.live()
    if (change.listings?.stale === true || !this.#stillSo(change.reads)) return Promise.resolve(false)

    const next = new Map<string, Known>()
    for (const [path, plain] of change.writes) {
      next.set(path, plain === undefined ? ABSENT : { raw: this.#ring.encrypt(path, plain), plain })
    }
    if (next.size > 0) this.#afterEncrypting()
    for (const [path, known] of next) this.#sent.set(path, known)
    this.#markStale(change)
    const done = this.#finish(change.reads, next)
    this.#inFlight.set(done, new Set(next.keys()))
    const forget = (): void => void this.#inFlight.delete(done)
    done.then(forget, forget)
    return done
  }

  /** Whether all of this is known to be so, durably, at this moment. */
  proves({ reads, listings }: Change): boolean {
    if (listings?.stale === true) return false
    for (const [path, { raw }] of reads) {
      const now = this.#cache.get(path)
      if (now === undefined || (now.raw !== raw && !sameBytes(now.raw, raw))) return false
    }
    return true
  }

  /** Keeps everybody else's commits waiting and lets those on their way arrive. Returns what opens the gate again. */
  async closeGate(): Promise<() => void> {
    while (this.#gate !== undefined) await this.#gate
    const { promise, resolve } = Promise.withResolvers<void>()
    this.#gate = promise
    await this.settled()
    return () => {
      this.#gate = undefined
      resolve()
    }
  }

  #load(path: string): Promise<Known> {
    const loading = this.#read(path).then(
      known => {
        if (this.#loading.get(path) === loading) {
          this.#loading.delete(path)
          this.#cache.set(path, known)
        }
        return known
      },
      (thrown: unknown) => {
        if (this.#loading.get(path) === loading) this.#loading.delete(path)
        throw thrown
      },
    )
    this.#loading.set(path, loading)
    return loading
  }

  async #read(path: string): Promise<Known> {
    const raw = await this.#storage.get(path).catch((cause: unknown) => {
      throw faults.storageFailed({ cause })
    })
    this.live()
    return raw === undefined ? ABSENT : { raw, plain: this.#ring.decrypt(path, raw) }
  }

  /** Whether what was read is what is known now. What is not known, the store will judge. */
  #stillSo(reads: ReadonlyMap<string, Known>): boolean {
    for (const [path, { raw }] of reads) {
      const now = this.#sent.get(path) ?? this.#cache.get(path)
      if (now !== undefined && now.raw !== raw && !sameBytes(now.raw, raw)) return false
    }
    return true
  }

  #markStale({ listings, writes }: Change): void {
    for (const other of this.#listings) {
      if (other === listings || other.stale) continue
      for (const path of writes.keys()) {
        if (other.prefixes.values().some(prefix => path.startsWith(prefix))) other.stale = true
      }
    }
  }

  async #finish(reads: ReadonlyMap<string, Known>, next: ReadonlyMap<string, Known>): Promise<boolean> {
    let outcome: 'done' | 'refused' | 'failed' = 'failed'
    try {
      const put: [string, Uint8Array][] = []
      const deletes: string[] = []
      for (const [path, { raw }] of next) {
        if (raw === undefined) deletes.push(path)
        else put.push([path, raw])
      }
      const expect = [...reads].map(([path, { raw }]) => [path, raw] as const)
      outcome = (await this.#storage.commit({ expect, put, delete: deletes })) ? 'done' : 'refused'
      return outcome === 'done'
    } catch (cause) {
      throw faults.storageFailed({ cause })
    } finally {
      if (this.#open) this.#settle(reads, next, outcome)
    }
  }

  #settle(reads: ReadonlyMap<string, Known>, next: ReadonlyMap<string, Known>, outcome: 'done' | 'refused' | 'failed'): void {
    for (const [path, known] of next) {
      if (this.#sent.get(path) === known) this.#sent.delete(path)
      if (outcome === 'refused') continue
      this.#loading.delete(path)
      if (outcome === 'done') this.#cache.set(path, known)
      else this.#cache.delete(path)
    }
    // Refused although all that is known here agreed: then what is known may be wrong, so that the next try asks the store.
    if (outcome === 'refused') for (const path of reads.keys()) this.#forget(path)
  }

  #forget(path: string): void {
    this.#loading.delete(path)
    this.#cache.delete(path)
  }
}

/** A copy with memory of its own, so that a small record does not hold on to a pool's slab. */
export function ownCopy(bytes: Uint8Array): Buffer {
  const own = Buffer.allocUnsafeSlow(bytes.length)
  own.set(bytes)
  return own
}

function sameBytes(a: Uint8Array | undefined, b: Uint8Array | undefined): boolean {
  return a !== undefined && b !== undefined && Buffer.compare(a, b) === 0
}
