/**
 * Anything that the API keeps at a path and no other kind knows: what a file says is written there, and compared with what a read
 * of the same path answers. Knows no shapes, so only what is said is looked at; no other kind.
 */
export { apiKind } from './api-kind.ts'
export { observeApi } from './observe.ts'
