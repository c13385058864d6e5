import type { ApplyEvent } from '../apply/index.ts'
import type { Plan, TargetWriter } from '../model/index.ts'
import type { Consents } from '../plan/index.ts'
import { applyPhase, type Applied } from './apply-phase.ts'
import { planPhase, type Planned, type PlanOptions } from './plan-phase.ts'

export interface ReconcileOptions extends Omit<PlanOptions, 'reader' | 'now'> {
  readonly writer: TargetWriter
  /** Asked for each plan. */
  readonly now: () => Date
  readonly consents?: Consents
  readonly writeParallelism?: number
  /** The plan, before anything is done. */
  readonly onPlan?: (planned: Planned) => void
  readonly onEvent?: (event: ApplyEvent) => void
  readonly signal?: AbortSignal
}

/**
 * - `broken`: the files are not right; nothing was done.
 * - `clean`: there was nothing to do.
 * - `refused`: a guard stands; nothing was done.
 * - `applied`: all was done, and the plan after it is empty.
 * - `stopped`: a step failed, or the target moved; see the report.
 * - `unsettled`: all was done, and yet the next plan is not empty; `after` says what is not.
 */
export interface Reconciled {
  readonly outcome: 'broken' | 'clean' | 'refused' | 'applied' | 'stopped' | 'unsettled'
  readonly planned: Planned
  readonly applied?: Applied
  readonly after?: Plan
}

/** Plans, applies what was planned, and plans again. */
export async function reconcileOnce(options: ReconcileOptions): Promise<Reconciled> {
  const plan = (): Promise<Planned> => planPhase({ ...options, reader: readerPart(options.writer), now: options.now() })
  const planned = await plan()
  options.onPlan?.(planned)
  if (planned.is === 'broken') return { outcome: 'broken', planned }
  if (planned.plan.steps.length === 0) return { outcome: 'clean', planned, after: planned.plan }
  const applied = await applyPhase(planned.plan, {
    writer: options.writer,
    env: options.env,
    dir: options.dir,
    stored: planned.stored,
    lookFirst: false,
    ...(options.consents === undefined ? {} : { consents: options.consents }),
    ...(options.writeParallelism === undefined ? {} : { parallelism: options.writeParallelism }),
    ...(options.onEvent === undefined ? {} : { onEvent: options.onEvent }),
    ...(options.signal === undefined ? {} : { signal: options.signal }),
  })
  if (applied.is === 'refused') return { outcome: 'refused', planned, applied }
  if (applied.report.outcome !== 'done') return { outcome: 'stopped', planned, applied }
  const after = await plan()
  if (after.is === 'broken') return { outcome: 'unsettled', planned, applied }
  return { outcome: after.plan.steps.length === 0 ? 'applied' : 'unsettled', planned, applied, after: after.plan }
}

/** Planning gets an object that has no way to write, and not one that it is only asked not to use. */
export const readerPart = (writer: TargetWriter): PlanOptions['reader'] => ({
  read: (path, query) => writer.read(path, query),
  list: path => writer.list(path),
})
