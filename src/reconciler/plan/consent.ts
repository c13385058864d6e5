import type { Plan, Refusal } from '../model/index.ts'

/** What somebody said to allow for one run. */
export interface Consents {
  readonly maxDeletes?: number
  readonly maxUpdates?: number
  readonly dataLoss?: boolean
  readonly takeover?: boolean
  readonly empty?: boolean
  readonly ownAccess?: boolean
}

/** The refusals of a plan that no consent covers. */
export function standingRefusals(plan: Plan, consents: Consents): readonly Refusal[] {
  const isCovered: Readonly<Record<Refusal['guard'], boolean>> = {
    'max-deletes': (consents.maxDeletes ?? 0) >= plan.limits.deletes.count,
    'max-updates': (consents.maxUpdates ?? 0) >= plan.limits.updates.count,
    'data-loss': consents.dataLoss === true,
    'foreign-owner': consents.takeover === true,
    'other-repository': consents.takeover === true,
    'nothing-left': consents.empty === true,
    'own-access': consents.ownAccess === true,
    'in-the-way': false,
  }
  return plan.refusals.filter(it => !isCovered[it.guard])
}
