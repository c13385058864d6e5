/**
 * What one set of policies gives that another does not: every capability on every path, from the rules and not from samples. Paths
 * are taken as patterns, so that what is compared are finitely many regions. Knows what rules mean; must not decide a request.
 */
export { type AccessChange, type AnsweringRule, type ChangeKind } from './access-change.ts'
export { accessDelta, type AccessDelta } from './access-delta.ts'
export { type Granted } from './grant.ts'
export { type EscalationPath, escalationPaths } from './escalation.ts'
