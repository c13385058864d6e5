/**
 * Requests as commands make them: paths cleaned, replies taken apart, refusals turned into the message that ends a command.
 * Knows the client and the shape of a secret; must not know a flag or print anything.
 */
export { RequestFailed, attempt, isRequestFailure } from './failure.ts'
export { cleanPath, joinPath, mountPath, trimPath } from './path.ts'
export { type Query, keysOf, list, read, remove, scan, secretOf, send, write } from './requests.ts'
