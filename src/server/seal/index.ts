/**
 * Who guards the root key, one folder each, and here the port that the wrapping ones have in common. They know how a key is
 * divided or wrapped, and nothing of what it opens. Must not know the barrier, the store, or the API.
 */
export { type SealWrapper, type Wrapped } from './seal.ts'
