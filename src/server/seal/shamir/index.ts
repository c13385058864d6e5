/**
 * Shamir's sharing of a key among people. Only the arithmetic lives here; who has given which share, and what the key is
 * for, is core's. Must not know the barrier, the store, or how a share is written as text.
 */
export { combine, ShamirError, split } from './sharing.ts'
