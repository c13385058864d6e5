import type { Diagnostic } from '../../../kernel/index.ts'
import { countSteps, hasErrors, isDrift, type Plan } from '../../model/index.ts'

/** What the steps of a workflow decide by. Values are numbers, words and a hash, so that none can begin a line of its own. */
export interface Outputs {
  readonly changes: boolean
  readonly to_add: number
  readonly to_change: number
  readonly to_destroy: number
  readonly to_move: number
  readonly plan_hash: string
  readonly failure_reason: string
  readonly drift: boolean
  readonly findings: number
}

/**
 * What is replaced is destroyed and added, as other tools for plans count it: whoever looks at `to_destroy` alone must see it. What moves
 * is neither.
 */
export function planOutputs(plan: Plan): Outputs {
  const { create, update, move, replace, delete: remove } = countSteps(plan.steps)
  return {
    changes: plan.steps.length > 0,
    to_add: create + replace,
    to_change: update,
    to_destroy: remove + replace,
    to_move: move,
    plan_hash: plan.digest,
    failure_reason: [...new Set(plan.refusals.map(it => it.guard))].join(','),
    drift: isDrift(plan),
    findings: plan.findings.length,
  }
}

/** Where no plan could be made: the code of what is wrong. */
export const failureOutputs = (findings: readonly Diagnostic[]): Outputs => ({
  changes: false,
  to_add: 0,
  to_change: 0,
  to_destroy: 0,
  to_move: 0,
  plan_hash: '',
  failure_reason: hasErrors(findings) ? (findings.find(it => it.severity === 'error')?.code ?? 'error') : 'error',
  drift: false,
  findings: findings.length,
})

/** Lines of the file that $GITHUB_OUTPUT names. */
export const outputsText = (outputs: Outputs): string =>
  Object.entries(outputs)
    .map(([name, value]) => `${name}=${String(value)}\n`)
    .join('')
