/** A record as known: what the store holds, and what that means. Both undefined when the path is known to be empty. */
export interface Known {
  readonly raw: Uint8Array | undefined
  readonly plain: Buffer | undefined
}

interface Entry extends Known {
  readonly size: number
  used: boolean
}

/** What an entry costs beside its bytes: two buffers, a map slot, the key's header. An estimate. */
const OVERHEAD = 400

/**
 * Known records, bounded by bytes. Second chance instead of strict LRU: a hit only sets a mark, which keeps it at a map
 * look-up; when room is needed, the oldest goes if it was not used since it was last looked at.
 */
export class RecordCache {
  readonly #capacity: number
  readonly #entries = new Map<string, Entry>()
  #size = 0

  constructor(capacity: number) {
    this.#capacity = capacity
  }

  get(path: string): Known | undefined {
    const entry = this.#entries.get(path)
    if (entry !== undefined) entry.used = true
    return entry
  }

  set(path: string, { raw, plain }: Known): void {
    this.delete(path)
    const size = OVERHEAD + 2 * path.length + (raw?.length ?? 0) + (plain?.length ?? 0)
    // One huge record must not drive out everything else.
    if (size > this.#capacity / 8) return
    this.#entries.set(path, { raw, plain, size, used: false })
    this.#size += size
    if (this.#size > this.#capacity) this.#makeRoom()
  }

  delete(path: string): void {
    const entry = this.#entries.get(path)
    if (entry === undefined) return
    this.#entries.delete(path)
    this.#size -= entry.size
  }

  /** Overwrites the plaintexts. They were never lent out, only copied. */
  wipe(): void {
    for (const { plain } of this.#entries.values()) plain?.fill(0)
    this.#entries.clear()
    this.#size = 0
  }

  #makeRoom(): void {
    for (const [path, entry] of this.#entries) {
      if (this.#size <= this.#capacity) return
      this.#entries.delete(path)
      if (entry.used) {
        entry.used = false
        this.#entries.set(path, entry)
      } else this.#size -= entry.size
    }
  }
}
