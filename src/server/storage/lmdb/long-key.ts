/**
 * How a key of the store becomes a key of LMDB, which takes no more than 1,978 bytes.
 *
 * Up to `HEAD` bytes a key is its own UTF-8. A longer one is its first `HEAD` bytes and the SHA-256 of all of it, so that
 * it is found by its name at the place among the others where it belongs; only those that share a whole head are out of
 * order, and a listing sorts them by their full names, which are kept beside. The length tells which of the two it is.
 */
import { hash } from 'node:crypto'

export const HEAD = 1_900
const LONG = HEAD + 32

export interface StoreKey {
  readonly lmdb: Buffer
  /** The whole key, if LMDB's does not say it. */
  readonly full?: Buffer
}

export function storeKey(key: string): StoreKey {
  const bytes = Buffer.from(key)
  if (bytes.length <= HEAD) return { lmdb: bytes }
  return { lmdb: Buffer.concat([bytes.subarray(0, HEAD), hash('sha256', bytes, 'buffer')], LONG), full: bytes }
}

export const isLong = (lmdb: Uint8Array): boolean => lmdb.length === LONG

/** The first key that begins with none of the bytes of `prefix`, in LMDB's order; undefined when there is none. */
export function behind(prefix: Uint8Array): Buffer | undefined {
  let end = prefix.length
  while (end > 0 && prefix[end - 1] === 0xff) end--
  if (end === 0) return undefined
  const next = Buffer.from(prefix.subarray(0, end))
  next[end - 1] = (next[end - 1] as number) + 1
  return next
}
