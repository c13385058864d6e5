/**
 * Files × ledger × target → a plan, with its order, its limits and the reasons for which it must not be applied. Pure: kinds and
 * what was seen come in as arguments. Must not know files, HTTP, or how a plan is shown.
 */
export { type Consents, standingRefusals } from './consent.ts'
export { type Leftover, type Observation, type PlanInput, type PlannedMoves } from './input.ts'
export { makePlan, planDigest } from './make-plan.ts'
