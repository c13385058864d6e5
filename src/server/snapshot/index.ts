/**
 * Copies of a whole store as one archive, for backups: what lies in the store, ciphertext all of it, with checksums that the barrier
 * vouches for. Knows stores and archives; must not know keys, nor what a record means. docs/adr/0031-snapshots.md has the format.
 */
export { SnapshotUnreadable } from './error.ts'
export { readSnapshot, type Snapshot, type SnapshotFacts, takeSnapshot } from './archive.ts'
