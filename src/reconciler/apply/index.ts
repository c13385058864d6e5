/**
 * Carries out a plan, step by step, and says what it did: to the target, to the ledger, and to whoever asked. Knows plans, and
 * kinds by their interface. Must not plan, and must not do anything that the plan does not say.
 */
export { applyPlan, type ApplyPorts } from './apply-plan.ts'
export { type ApplyEvent, type ApplyReport, type KeptStep, type MovedObject, type StepFailure } from './report.ts'
