/**
 * What ACL policies mean, exactly as the server takes them: rules are compiled once per token and then asked for each
 * request. Pure, and shared by the server's pipeline and the offline commands. It knows policy documents and identity
 * facts as values; never a store, a clock, a route, a request or a token.
 */
export { type Acl, rootAcl } from './acl.ts'
export { type AccessOp, accessOps, capabilityNames } from './capability.ts'
export { compileAcl, type CompileOptions, type HeldPolicy } from './compile.ts'
export { DEFAULT_POLICY } from './default-policy.ts'
export { type AccessQuery, type AclFailure, type Allowed, type Decision, type DenialReason, type Denied } from './decision.ts'
export {
  type AccessChange,
  accessDelta,
  type AccessDelta,
  type AnsweringRule,
  type ChangeKind,
  type EscalationPath,
  escalationPaths,
  type Granted,
} from './delta/index.ts'
export { type Candidate, type Explanation, type LossReason } from './explain.ts'
export { explanationJson, type ExplanationJson } from './explanation-json.ts'
export { type AliasFacts, type EntityFacts, type GroupFacts, type IdentityFacts, type Metadata } from './identity.ts'
export { type FilteredList, type FilterPorts } from './list-filter.ts'
export { type ParameterRefusal } from './parameters.ts'
export { type Precedence } from './priority.ts'
export { type DroppedRule, type MergedRule, type PolicyRef, type RuleKind, type RuleSource, ruleText } from './rule.ts'
export { asksForSudo, type SudoPath, sudoPaths } from './sudo-paths.ts'
export { resolveTemplate, type TemplateFlags } from './template.ts'
export { couldFit, lossText, type ReasonClass, reasonClass, reasonText, wouldGive } from './verdict.ts'
