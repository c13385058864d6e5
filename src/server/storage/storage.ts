/**
 * A physical store: dumb and untrusted. It sees keys in clear and values as ciphertext, and it must be able to do one
 * thing well: make a set of changes durable, all or none, if what was read before still stands.
 */
export interface Storage {
  readonly type: string
  get(key: string): Promise<Uint8Array | undefined>
  /**
   * The children of `prefix` ('' or ending in '/'), in byte order: names without the prefix, folders ending in '/'.
   * `after` (exclusive) and `limit` page through them.
   */
  list(prefix: string, page?: Page): Promise<readonly string[]>
  /**
   * Applies every change atomically and resolves only when they are durable (flushed). Resolves `false`, with nothing
   * changed, when an expectation no longer holds. An absent key may be deleted.
   */
  commit(batch: Batch): Promise<boolean>
  close(): Promise<void>
}

export interface Page {
  readonly after?: string
  readonly limit?: number
}

export interface Batch {
  /** Each key must still hold exactly these bytes (undefined: still be absent). */
  readonly expect?: readonly (readonly [key: string, value: Uint8Array | undefined])[]
  readonly put?: readonly (readonly [key: string, value: Uint8Array])[]
  readonly delete?: readonly string[]
}
