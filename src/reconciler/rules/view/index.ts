/**
 * What rules see: policies with their trees and meanings, and what the repository says besides. Knows policy documents and
 * resources as values; must not read a file, nor know a rule.
 */
export { elementsOf, keyText, type Element } from './items.ts'
export { type PolicyInput, type PolicyView } from './policy-view.ts'
export { attributeOf, rangeAt, labelAt, labelToken, type RuleView } from './rule-view.ts'
export { covers, overlap, overlapping } from './overlap.ts'
export { reachOf, type Reach } from './reach.ts'
export { type Holder, type MountFact } from './repository-facts.ts'
export {
  eachPolicy,
  eachRule,
  eachRuleBut,
  viewWorkspace,
  type Repository,
  type WorkspaceInput,
  type WorkspaceView,
} from './workspace-view.ts'
