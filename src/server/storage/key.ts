import { StorageError } from './error.ts'
import type { Batch } from './storage.ts'

/** In UTF-8 bytes. Four times the longest path that the peer's own stores were seen to take, and far above any real one. */
export const longestKey: number = 32 * 1024

/**
 * Refuses what no store takes. A lone surrogate has no UTF-8 form: two such keys would become one. An empty end would be
 * a record that no listing can show.
 */
export function checkKey(key: string): void {
  if (key === '' || key.endsWith('/')) throw new StorageError('key', 'storage key is empty or ends in "/"')
  if (!key.isWellFormed()) throw new StorageError('key', 'storage key is not well-formed text')
  // A UTF-16 unit makes at most three bytes, so that only long keys are measured.
  if (key.length * 3 > longestKey && Buffer.byteLength(key) > longestKey) {
    throw new StorageError('key', `storage key is longer than ${longestKey} bytes`)
  }
}

export function checkPrefix(prefix: string): void {
  if (prefix !== '' && !prefix.endsWith('/')) throw new StorageError('key', 'storage prefix does not end in "/"')
  if (!prefix.isWellFormed()) throw new StorageError('key', 'storage prefix is not well-formed text')
}

export function checkBatch({ expect = [], put = [], delete: deletes = [] }: Batch): void {
  for (const [key] of expect) checkKey(key)
  for (const [key] of put) checkKey(key)
  for (const key of deletes) checkKey(key)
}
