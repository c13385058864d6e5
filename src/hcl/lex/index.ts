/**
 * Text → tokens of HCL1 (and of its JSON form), each with its place. Knows characters, not grammar. Must never decide what a
 * token means, nor throw: a problem is noted beside the token it stands in.
 */
export * from './token.ts'
export { TokenTable } from './token-table.ts'
export { Lexer } from './lexer.ts'
export { JsonLexer } from './json-lexer.ts'
export type { Reader } from './reader.ts'
export { LineIndex } from './line-index.ts'
export { lexProblems, type LexProblem, type LexProblemKind } from './problem.ts'
