/** Plans without a target: what it answered, taken where it can be asked, signed, and read where it cannot. */
export { decodeSnapshot, encodeSnapshot, newSnapshotKeys, SnapshotUnusable } from './snapshot-file.ts'
export { SnapshotLacks } from './snapshot.ts'
export { isLeftOut, offline, takeSnapshot } from './take.ts'
