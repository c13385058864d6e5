import type { Address } from './address.ts'
import type { Moved, Plan, Step } from './plan.ts'
import { touchesTarget } from './plan.ts'

/** What an audit log tells of the last write to an object. Who it was is as the log has it; tokens are hashed there. */
export interface ChangedBy {
  /** RFC 3339. */
  readonly time: string
  readonly operation: string
  readonly path: string
  readonly displayName?: string
  readonly entityId?: string
  readonly accessor?: string
  readonly remoteAddress?: string
}

export type Changes = ReadonlyMap<Address, ChangedBy>

/** The same words in every report. */
export const movedWords: Readonly<Record<Moved, string>> = {
  repository: 'commit not applied',
  target: 'changed on the server',
  both: 'commit not applied, and changed on the server',
  new: 'never applied',
}

/** As identifiers: what rules of code scanning and values in JSON are called. */
export const movedIds: Readonly<Record<Moved, string>> = {
  repository: 'not-applied',
  target: 'changed-on-server',
  both: 'both',
  new: 'never-applied',
}

/** The objects on which files and target differ. */
export const drifted = (plan: Plan): readonly Step[] => plan.steps.filter(touchesTarget)
