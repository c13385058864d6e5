/**
 * The encryption barrier: the only importer of storage, the only door to it. Knows keys, records and what is consistent,
 * not what any of it means. Must never know a mount, a token, or who holds the root key.
 */
export { type Barrier, type KeyTermInfo } from './barrier.ts'
export { createBarrier, type BarrierOptions } from './create-barrier.ts'
export { createSealStore, type SealStore } from './seal-store.ts'
