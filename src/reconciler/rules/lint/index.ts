/**
 * Runs the rules over a workspace: levels, suppressions, order, fingerprints, and the edits that are safe. Knows rules as data;
 * must not know one of them, nor write a file.
 */
export { applyFixes, type Fixed } from './apply-fixes.ts'
export { lint, type LintFinding, type LintOptions, type Level, type LintInput } from './lint.ts'
export { ownRules } from './own-rules.ts'
