/**
 * What several rules are made of: problems at a place, edits, and questions about paths, parameters and who holds what. Knows the
 * views; must not know a rule.
 */
export { answersOf } from './answers.ts'
export { withoutElement, replaced, quoted } from './edits.ts'
export { withRole } from './examples.ts'
export { heldSets, mergedRules } from './held-together.ts'
export { kv2Parts, kv2PathOf, withKv2 } from './kv-paths.ts'
export { hasNoParameters, parametersOf, withParameter } from './parameter-items.ts'
export { problemIn, problemOf, problemAt, ofFile } from './problem.ts'
export { refusals, quotedWord, foreignWords } from './refusals.ts'
export { pkiMounts, mayNeedSudo } from './sudo-patterns.ts'
export { twoPolicies } from './two-policies.ts'
