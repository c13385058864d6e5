import { systemClock, type Clock } from '../../kernel/index.ts'
import { applyPlan, type ApplyEvent, type ApplyReport } from '../apply/index.ts'
import { kinds } from '../kinds/index.ts'
import { loadLedger, saveLedger, type StoredLedger } from '../ledger/index.ts'
import { type Plan, type Refusal, type TargetWriter } from '../model/index.ts'
import { standingRefusals, type Consents } from '../plan/index.ts'
import { resolverOf } from './references.ts'
import { sealOf } from './ledger-key.ts'

export interface ApplyOptions {
  readonly writer: TargetWriter
  readonly env: Readonly<Record<string, string | undefined>>
  /** `$file` references are relative to it. */
  readonly dir: string
  readonly consents?: Consents
  /** As it was read for the plan; absent: it is read now. */
  readonly stored?: StoredLedger
  /** Somebody looked at the plan in between, or it comes from a file. */
  readonly lookFirst: boolean
  /** Take back what was done when a step fails; true unless told. */
  readonly rollBack?: boolean
  readonly clock?: Clock
  readonly parallelism?: number
  readonly onEvent?: (event: ApplyEvent) => void
  readonly signal?: AbortSignal
}

/** `refused`: a guard stands, and nothing was done. */
export type Applied =
  { readonly is: 'refused'; readonly refusals: readonly Refusal[] } | { readonly is: 'applied'; readonly report: ApplyReport }

/** Mounts, policies and roles written at once: a server that syncs to disk is busy with fewer already. */
const AT_ONCE = 16

const pauseOf =
  (clock: Clock) =>
  (ms: number): Promise<void> =>
    new Promise(resolve => void clock.after(ms, resolve))

export async function applyPhase(plan: Plan, options: ApplyOptions): Promise<Applied> {
  const refusals = standingRefusals(plan, options.consents ?? {})
  if (refusals.length > 0) return { is: 'refused', refusals }
  const { writer, env, dir } = options
  let stored = options.stored ?? (await loadLedger(writer, plan.owner))
  const resolve = resolverOf({ env, dir, reader: writer })
  const seal = plan.ledgerKey === undefined ? undefined : await sealOf(plan.ledgerKey, plan.owner, resolve)
  const report = await applyPlan(plan, {
    writer,
    kinds,
    resolve,
    ...(seal === undefined ? {} : { seal }),
    record: async change => {
      stored = await saveLedger(writer, stored, change, { compareAndSet: plan.target.compareAndSet })
    },
    parallelism: options.parallelism ?? AT_ONCE,
    lookFirst: options.lookFirst,
    rollBack: options.rollBack ?? true,
    pause: pauseOf(options.clock ?? systemClock),
    ...(options.onEvent === undefined ? {} : { onEvent: options.onEvent }),
    ...(options.signal === undefined ? {} : { signal: options.signal }),
  })
  return { is: 'applied', report }
}
