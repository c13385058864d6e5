/**
 * The policy language: texts → tree → policy documents, configuration data, or the text as it should look. Knows HCL1, its JSON
 * form and the server's verdicts on both; not what a rule allows, and no file system. Must never throw on any text.
 */
export * from './parse/index.ts'
export * from './policy/index.ts'
export * from './print/index.ts'
export * from './config/index.ts'
export { renderDiagnostic } from './render-diagnostic.ts'
export { tokenName, type TokenName } from './lex/index.ts'
export { sourceOfBytes } from './source-file.ts'
export { hclCodes } from './codes.ts'
