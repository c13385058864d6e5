/** The encryption barrier: the only importer of storage, the only door to it. Knows keys and records, not what they mean. */
export { type Barrier, type KeyTermInfo } from './barrier.ts'
