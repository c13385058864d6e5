/**
 * Who guards the root key, one folder each, and here the port of those that divide it. They know how a key is divided, and
 * nothing of what it opens. Must not know the barrier, the store, or the API.
 */
export { type KeySharing } from './seal.ts'
