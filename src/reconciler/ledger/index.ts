/**
 * What we manage, written down on the target itself, in policies of comments: no extra mount, no extra right, nothing to lose
 * beside the server. Knows the texts, how they are split and how two writers share them. Must not know plans or files, and must
 * never write a secret.
 */
export { loadLedger, saveLedger, type SaveOptions } from './save.ts'
export { SHORTEST_KEY, sealWith } from './seal.ts'
export { newLedger, storedLedgers, type StoredLedger, type StoredText } from './stored.ts'
export { decodePart, encodePart, LedgerUnreadable, splitLedger, type LedgerPart } from './text.ts'
