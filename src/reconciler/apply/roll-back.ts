import type { Step } from '../model/index.ts'
import type { KeptStep } from './report.ts'
import { kindOf, type StepPorts } from './run-step.ts'
import { undoStep, whyFinal } from './undo-step.ts'

export interface RolledBack {
  readonly undone: readonly Step[]
  readonly kept: readonly KeptStep[]
}

/**
 * Takes steps back, the last stage first. What cannot be taken back may stand on what was done in stages before it, so those stay as they
 * are: a role keeps the policy that it names.
 *
 * @param begun steps that were done, and steps that broke off
 */
export async function rollBack(
  ports: StepPorts,
  begun: { readonly done: readonly Step[]; readonly broken: readonly Step[] },
  pool: (steps: readonly Step[], work: (step: Step) => Promise<void>) => Promise<void>,
): Promise<RolledBack> {
  const undone: Step[] = []
  const kept: KeptStep[] = []
  const whole = new Set(begun.done)
  const steps = [...begun.done, ...begun.broken]
  const stages = [...new Set(steps.map(it => it.stage))].sort((a, b) => b - a)
  for (const stage of stages) {
    const here = steps.filter(it => it.stage === stage)
    await pool(here, async step => {
      const final = whole.has(step) ? whyFinal(kindOf(ports.kinds, step), step) : undefined
      const result = final === undefined ? await undoStep(ports, step, whole.has(step)) : ({ is: 'kept', why: final } as const)
      if (result.is === 'undone') undone.push(step)
      else kept.push({ step, why: result.why })
    })
    if (kept.length > 0) break
  }
  return { undone, kept }
}
