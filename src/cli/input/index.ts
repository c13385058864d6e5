/** What commands take in: their arguments' number, `key=value` data from the line, files and stdin. Knows the context only. */
export { expectArgs } from './arguments.ts'
export { fileError } from './file-error.ts'
export { type Data, listPairs, pairsOf, textPairs } from './pairs.ts'
