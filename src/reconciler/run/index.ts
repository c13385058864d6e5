/**
 * The phases of the reconciler, in order, and nothing else: read the files, look at the target, plan, apply, look again; and wait
 * for the next commit. Knows everything in the reconciler; must not know how a client is made or where text is printed.
 */
export { standingRefusals, type Consents } from '../plan/index.ts'
export { type ApplyEvent, type ApplyReport } from '../apply/index.ts'
export { applyPhase, type Applied, type ApplyOptions } from './apply-phase.ts'
export { readAuditTrail } from './audit-trail.ts'
export { diffPhase, type Diffed, type DiffOptions } from './diff-phase.ts'
export { graphPhase, type Graphed, type GraphOptions } from './graph.ts'
export { policyFor, type PolicyForOptions, type PolicyMade } from './needs/index.ts'
export { TargetUnusable } from './facts.ts'
export { isExpectedFailure } from './failure.ts'
export { findManagedFolder } from './find-folder.ts'
export { liveAccess, type LiveAccess } from './live-access.ts'
export { planPhase, type Planned, type PlanOptions } from './plan-phase.ts'
export { reconcileOnce, type Reconciled, type ReconcileOptions } from './reconcile.ts'
export { repositoryAccess, type RepositoryAccess, type RepositoryChoice } from './repository-access.ts'
export { openSavedPlan } from './saved-plan.ts'
export { readSettings } from './settings-phase.ts'
export { SourceUnusable, type SourceChoice } from './source.ts'
export { readTestFiles, type TestFiles } from './test-files.ts'
export { headOf, watchRepository, type WatchRepositoryOptions } from './watch.ts'
