/**
 * - `option`: a word of the storage block is missing, unknown or unreadable
 * - `key`: a key or prefix that no store takes
 * - `inUse`: another live process has the store
 * - `foreign`: what lies there is no store of ours, or of another version
 * - `corrupt`: it is one, but damaged
 * - `readOnly`: it cannot be written to
 * - `full`: no room for the commit; nothing of it is there
 * - `closed`: the store was closed
 * - `takenOver`: another process has taken the store over; this one must not write again
 * - `failed`: the operating system failed in another way
 */
export type StorageErrorCode = 'option' | 'key' | 'inUse' | 'foreign' | 'corrupt' | 'readOnly' | 'full' | 'closed' | 'takenOver' | 'failed'

export class StorageError extends Error {
  readonly code: StorageErrorCode

  constructor(code: StorageErrorCode, message: string, because?: { readonly cause: unknown }) {
    super(message, because)
    this.code = code
  }
}
