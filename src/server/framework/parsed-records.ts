interface Entry<T> {
  readonly bytes: Uint8Array
  readonly value: T
}

/** What an entry costs beside its bytes: the parsed value is taken to be three times its text. */
const OVERHEAD = 300
const FACTOR = 4

/**
 * What records mean, remembered by their bytes: a hit needs no parse, and gives the very object it gave before. Whoever
 * asks has the record in hand, so nothing here can be stale, whichever process wrote it. The values must not be changed.
 *
 * Bounded by bytes; the oldest goes first, since whatever is read again is soon back.
 */
export class ParsedRecords<T> {
  readonly #capacity: number
  readonly #parse: (bytes: Uint8Array) => T
  readonly #entries = new Map<string, Entry<T>>()
  #size = 0

  constructor(capacity: number, parse: (bytes: Uint8Array) => T) {
    this.#capacity = capacity
    this.#parse = parse
  }

  of(name: string, bytes: Uint8Array): T {
    const known = this.#entries.get(name)
    if (known !== undefined && known.bytes.length === bytes.length && Buffer.compare(known.bytes, bytes) === 0) return known.value
    const value = this.#parse(bytes)
    this.#forget(name)
    const size = cost(name, bytes)
    if (size * 8 > this.#capacity) return value
    this.#entries.set(name, { bytes, value })
    this.#size += size
    for (const oldest of this.#entries.keys()) {
      if (this.#size <= this.#capacity) break
      this.#forget(oldest)
    }
    return value
  }

  clear(): void {
    this.#entries.clear()
    this.#size = 0
  }

  #forget(name: string): void {
    const entry = this.#entries.get(name)
    if (entry === undefined) return
    this.#entries.delete(name)
    this.#size -= cost(name, entry.bytes)
  }
}

const cost = (name: string, bytes: Uint8Array): number => OVERHEAD + 2 * name.length + FACTOR * bytes.length
