import { planJson, stableJson, type Plan } from '../model/index.ts'
import type { AppliedFacts } from './apply-text.ts'

/** What was planned, what became of it, and what a fresh plan says. */
export function applyJson(plan: Plan, applied: AppliedFacts | undefined, after: Plan | undefined): string {
  const report =
    applied === undefined
      ? null
      : {
          outcome: applied.outcome,
          done: applied.done.map(it => it.address),
          failed: applied.failed.map(({ step, message }) => ({ address: step.address, message })),
          moved: applied.moved.map(({ step, now }) => ({ address: step.address, now })),
          rolled_back: applied.rolledBack.map(it => it.address),
          not_rolled_back: applied.kept.map(({ step, why }) => ({ address: step.address, why })),
          left: applied.left.map(it => it.address),
          unknown: applied.unknown,
          ...(applied.ledger === undefined ? {} : { ledger_error: applied.ledger }),
        }
  return `${stableJson({ format_version: '1.0', plan: planJson(plan), apply: report, after: after === undefined ? null : planJson(after) }, 2)}\n`
}
