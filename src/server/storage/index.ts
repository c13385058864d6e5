/**
 * Physical stores, one folder each, and here what they have in common: the port, its errors, what a key may be. They see
 * ciphertext only, and know nothing above themselves. Whoever uses a store gets it from the registry, opened.
 */
export { type Batch, type Page, type Storage, type StorageKind, type StorageOption } from './storage.ts'
export { StorageError, type StorageErrorCode } from './error.ts'
export { checkBatch, checkKey, checkPrefix, longestKey } from './key.ts'
