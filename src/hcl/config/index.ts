/**
 * Configuration files in HCL1 → generic data with the place of every word, so that their readers can point at a wrong one.
 * Knows the tree; not one configuration key.
 */
export * from './config-node.ts'
export { parseConfig } from './parse-config.ts'
export { plainConfig, plainValue } from './plain.ts'
export { goData, goTypeOf, type GoData, type GoMap } from './go-data.ts'
