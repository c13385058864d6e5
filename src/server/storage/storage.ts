/**
 * A physical store: dumb and untrusted. It sees keys in clear and values as ciphertext, and it must be able to do one
 * thing well: make a set of changes durable, all or none, if what was read before still stands.
 *
 * Keys are well-formed strings without an empty end (`''`, `a/`), of up to `longestKey` UTF-8 bytes. They are ordered as
 * their UTF-8 bytes are. Values are up to 32 MiB and a little more; the bytes that `get` gives must not be changed.
 * Whatever goes wrong below is a StorageError.
 */
export interface Storage {
  readonly type: string
  get(key: string): Promise<Uint8Array | undefined>
  /**
   * The children of `prefix` ('' or ending in '/'), in byte order: names without the prefix, folders ending in '/'.
   * `after` (exclusive) and `limit` (none when 0 or less) page through them. Costs by the children shown, not by what
   * lies in the folders among them.
   */
  list(prefix: string, page?: Page): Promise<readonly string[]>
  /**
   * Applies every change atomically and resolves only when they are durable (flushed). Resolves `false`, with nothing
   * changed, when an expectation no longer holds. An absent key may be deleted; deletes come before puts.
   *
   * Commits take effect, and resolve, in the order of the calls, so a caller may send one that expects what an earlier
   * one, still on its way, will have put. The bytes are taken as they are until it resolves.
   *
   * A rejection with `failed` leaves open whether the changes are there, all or none; any other has changed nothing.
   */
  commit(batch: Batch): Promise<boolean>
  /**
   * Every record as it is now, whatever is committed meanwhile, in no order that is promised. To be read to its end soon, or left by
   * `return`: it keeps what it shows, and `close` waits for it.
   */
  records(): AsyncIterable<readonly [key: string, value: Uint8Array]>
  /** Lets the commits on their way finish. From here on everything rejects with `closed`. */
  close(): Promise<void>
}

export interface Page {
  readonly after?: string
  readonly limit?: number
}

export interface Batch {
  /** Everything that is there is deleted first. */
  readonly clear?: boolean
  /** Each key must still hold exactly these bytes (undefined: still be absent). */
  readonly expect?: readonly (readonly [key: string, value: Uint8Array | undefined])[]
  readonly put?: readonly (readonly [key: string, value: Uint8Array])[]
  readonly delete?: readonly string[]
}

/** What the registry holds: how a store is named and described in the configuration, and how it is opened. */
export interface StorageKind {
  readonly type: string
  readonly doc: string
  /** The words of the `storage "<type>" { … }` block. All are strings there, as in the peer's configuration. */
  readonly options: readonly StorageOption[]
  /** Takes the words as written; rejects with a StorageError that names the word, or says why the store cannot be used. */
  open(options: Readonly<Record<string, string>>): Promise<Storage>
}

export interface StorageOption {
  readonly name: string
  readonly doc: string
  readonly required: boolean
}
