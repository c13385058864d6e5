/**
 * Tokens → tree, with the server's verdict. Knows the grammar of HCL1 and of its JSON form; not what a key means. Must never
 * throw, nor accept what the server refuses.
 */
export * from './tree.ts'
export { parseText } from './parse-text.ts'
export { parseHcl } from './parser.ts'
export { stringValue } from './literal.ts'
export { MAX_DEPTH, MAX_FINDINGS } from './limits.ts'
export type { Parsed, Refusal } from './refusal.ts'
