import { compareUtf8, invariant } from '../../kernel/index.ts'
import type { View } from '../logical/index.ts'
import { childOf, pathIn, prefixIn } from './paths.ts'
import { ownCopy, type Change, type Known, type Listings, type Records } from './records.ts'

type Page = { readonly after?: string; readonly limit?: number }
type Writes = Map<string, Buffer | undefined>

/**
 * One run of a transaction's work: what it read, as the store had it, and what it wants to write, not yet sent. A nested
 * transaction is a layer of writes above its outer one's, which takes them over at the end or never.
 */
export class Transaction {
  readonly #records: Records
  readonly #reads = new Map<string, Known>()
  readonly #listings: Listings = { prefixes: new Set(), stale: false }
  readonly #writes: Writes = new Map()
  #readUnsettled = false
  #over = false

  constructor(records: Records) {
    this.#records = records
  }

  view(prefix: string): View {
    return this.#view(prefix, [this.#writes])
  }

  /** From here on the view refuses: a write that comes late would be lost without a word. */
  end(): void {
    this.#over = true
  }

  /** Drops the writes of work that threw; what it read still tells whether it threw for good. */
  abandon(): void {
    this.#writes.clear()
  }

  /**
   * Sends the outcome. What wrote nothing needs no commit if it read one durable thing only, or if all that it read is
   * known to be so still: then the state that it saw has been.
   */
  finish(own?: 'ownGate'): Promise<boolean> {
    const change: Change = { reads: this.#reads, listings: this.#listings, writes: this.#writes }
    if (this.#writes.size === 0) {
      const one = this.#reads.size + this.#listings.prefixes.size <= 1 && !this.#readUnsettled
      if (one || this.#records.proves(change)) return Promise.resolve(true)
    }
    return this.#records.send(change, own)
  }

  release(): void {
    this.#records.unwatch(this.#listings)
  }

  #view(prefix: string, layers: readonly [Writes, ...Writes[]]): View {
    const [top] = layers
    return {
      get: async key => this.#get(pathIn(prefix, key), layers),
      put: async (key, value) => {
        this.#live()
        top.set(pathIn(prefix, key), ownCopy(value))
      },
      delete: async key => {
        this.#live()
        top.set(pathIn(prefix, key), undefined)
      },
      list: async (under, page) => this.#list(prefixIn(prefix, under), merged(layers), page),
      sub: under => this.#view(prefixIn(prefix, under), layers),
      transact: async work => {
        const layer: Writes = new Map()
        const result = await work(this.#view(prefix, [layer, ...layers]))
        for (const [path, value] of layer) top.set(path, value)
        return result
      },
    }
  }

  #live(): void {
    this.#records.live()
    invariant(!this.#over, "a transaction's view is not used after its work has ended")
  }

  async #get(path: string, layers: readonly Writes[]): Promise<Uint8Array | undefined> {
    this.#live()
    for (const writes of layers) {
      if (!writes.has(path)) continue
      const own = writes.get(path)
      return own && Buffer.from(own)
    }
    const { plain } = this.#reads.get(path) ?? (await this.#read(path))
    this.#live()
    return plain && Buffer.from(plain)
  }

  async #read(path: string): Promise<Known> {
    const sent = this.#records.sent(path)
    const known = sent ?? (await this.#records.committed(path))
    // Two reads of one path at once: the first to come back is what this run has seen.
    const seen = this.#reads.get(path) ?? known
    this.#reads.set(path, seen)
    if (sent !== undefined) this.#readUnsettled = true
    return seen
  }

  async #list(prefix: string, writes: ReadonlyMap<string, Uint8Array | undefined>, page: Page = {}): Promise<readonly string[]> {
    this.#live()
    this.#listings.prefixes.add(prefix)
    this.#records.watch(this.#listings)
    // What is sent but not yet there would be missing, and would not make the listing stale either.
    await this.#records.settled(prefix)
    const names = await listWith(this.#records, prefix, writes, page)
    this.#live()
    return names
  }
}

/** The writes as seen from the innermost layer. */
function merged(layers: readonly Writes[]): Writes {
  const [only] = layers
  return layers.length === 1 && only ? only : new Map(layers.toReversed().flatMap(it => [...it]))
}

/** A listing of the store as it will be with `writes`. */
async function listWith(
  records: Records,
  prefix: string,
  writes: ReadonlyMap<string, Uint8Array | undefined>,
  { after, limit = 0 }: Page,
): Promise<readonly string[]> {
  const added = new Set<string>()
  const doubtful = new Set<string>()
  for (const [path, value] of writes) {
    if (!path.startsWith(prefix)) continue
    ;(value === undefined ? doubtful : added).add(childOf(prefix, path))
  }
  if (added.size + doubtful.size === 0) return records.list(prefix, { ...(after !== undefined && { after }), limit })

  const from = after === undefined ? {} : { after }
  const stored = await records.list(prefix, { ...from, limit: limit > 0 ? limit + doubtful.size : 0 })
  const names = new Set([...added].filter(it => after === undefined || compareUtf8(it, after) > 0))
  for (const name of stored) {
    // A record that is deleted is gone; a folder in which something is deleted, if nothing else is left in it.
    if (!doubtful.has(name)) names.add(name)
    else if (name.endsWith('/') && (await listWith(records, prefix + name, writes, { limit: 1 })).length > 0) names.add(name)
  }
  const sorted = [...names].sort(compareUtf8)
  return limit > 0 ? sorted.slice(0, limit) : sorted
}
