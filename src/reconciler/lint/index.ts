/**
 * A repository → what the rules look at, once for each of its targets, and what they find in all of them as one. Knows files as
 * texts, the loader and the rules; must not read a file.
 */
export { lintWorlds, type LintOptions } from './lint-worlds.ts'
export { worldsOf, type LintTexts, type World } from './worlds.ts'
