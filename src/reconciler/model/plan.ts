import type { Diagnostic, SourceRange } from '../../kernel/index.ts'
import type { AccessEntry } from './access.ts'
import type { Address } from './address.ts'
import type { Coverage, StandingIgnore } from './coverage.ts'
import type { Reference } from './reference.ts'
import type { Subject } from './resource.ts'
import type { Source } from './source.ts'
import type { Digest, Values } from './values.ts'

/**
 * - `move`: a mount goes to another path, with all that it holds.
 * - `adopt`: it stands there as the files want it; from now on it is managed. Only the ledger is written.
 * - `replace`: it cannot be changed in place, so it is removed and made anew.
 * - `forget`: it is managed no more and stays, or is already gone. Only the ledger is written.
 */
export type Action = 'create' | 'update' | 'move' | 'replace' | 'adopt' | 'delete' | 'forget'

/**
 * Who moved, seen from what was last applied:
 *
 * - `repository`: the files, and the target is as we left it;
 * - `target`: somebody changed the target, the files are as they were;
 * - `both`: the one and the other;
 * - `new`: it was never applied.
 */
export type Moved = 'repository' | 'target' | 'both' | 'new'

export interface Step extends Subject {
  readonly action: Action
  /** Steps of a stage are independent of each other; a later stage starts when the one before is done. */
  readonly stage: number
  /** Canonical, the live side. Absent when nothing is there. Without what is hidden. */
  readonly before?: Values
  /** Canonical, the desired side. Absent for `delete` and `forget`. Without what is hidden. */
  readonly after?: Values
  /** The attributes that differ; empty for create and delete. */
  readonly changed: readonly string[]
  /** Attributes that are never shown, stored or hashed. */
  readonly hidden: readonly string[]
  /** How the hidden values of the desired side are found when the step is carried out. */
  readonly references: Readonly<Record<string, Reference>>
  /** Of the live side without what is hidden; `absent` when nothing is there. A step is carried out only if it still holds. */
  readonly fingerprint: Digest | 'absent'
  /** What the ledger keeps once the step is done. */
  readonly applied?: Digest
  readonly moved: Moved
  /** One sentence for people. */
  readonly why: string
  readonly notes: readonly string[]
  readonly from?: SourceRange
  /** What it was called before: of a mount that moves, and of a policy that is written under a new name. */
  readonly movedFrom?: Address
  /** Of a policy's old name, which is deleted: the new one. */
  readonly movedTo?: Address
  /** What would be lost for good: needs consent. */
  readonly loses?: string
}

export interface Target {
  readonly address: string
  readonly namespace?: string
  readonly version: string
  readonly product?: string
  /** Tells one cluster from another behind the same address; absent on servers that have none. */
  readonly clusterId?: string
  /** Policies carry a version that a write can be bound to. */
  readonly compareAndSet: boolean
}

/** How many of the managed objects a plan touches, and how many it may. */
export interface Share {
  readonly count: number
  readonly of: number
  readonly allowed: number
}

/** Why a plan is not applied as it is. Each kind has its own consent. */
export interface Refusal {
  readonly guard: GuardName
  readonly summary: string
  readonly detail: string
  readonly about: readonly Address[]
}

export type GuardName =
  'max-deletes' | 'max-updates' | 'data-loss' | 'foreign-owner' | 'other-repository' | 'nothing-left' | 'own-access' | 'in-the-way'

/** What stands on the target and is none of ours: reported, never touched. */
export interface Unmanaged {
  readonly policies: readonly string[]
  readonly auth: readonly Address[]
  readonly engines: readonly Address[]
  readonly objects: readonly Address[]
  /** Where the token may not list, so that nothing is known. */
  readonly unlisted: readonly string[]
}

export interface Plan {
  readonly format: '1.0'
  readonly source: Source
  readonly target: Target
  readonly owner: string
  /** Where apply finds the key of the ledger's hashes. */
  readonly ledgerKey?: Reference
  /** In the order in which they are carried out. */
  readonly steps: readonly Step[]
  readonly refusals: readonly Refusal[]
  readonly findings: readonly Diagnostic[]
  /** Who gains and who loses what, if all steps are carried out. */
  readonly access: readonly AccessEntry[]
  readonly limits: { readonly updates: Share; readonly deletes: Share }
  /** Managed objects on which files and target agree. */
  readonly unchanged: number
  readonly unmanaged: Unmanaged
  readonly coverage: Coverage
  /** What is not looked at, and why. */
  readonly ignored: readonly StandingIgnore[]
  /** Fingerprints of all live objects that were compared. */
  readonly observed: Readonly<Record<Address, Digest | 'absent'>>
  /** Over everything that decides what apply does. */
  readonly digest: Digest
}

/** What apply does to the target; `adopt` and `forget` only write the ledger. */
export const touchesTarget = (step: Step): boolean => step.action !== 'adopt' && step.action !== 'forget'
export const isEmptyPlan = (plan: Plan): boolean => plan.steps.length === 0
/** Whether files and target differ. */
export const isDrift = (plan: Plan): boolean => plan.steps.some(touchesTarget)

export function countSteps(steps: readonly Step[]): Readonly<Record<Action, number>> {
  const counts = { create: 0, update: 0, move: 0, replace: 0, adopt: 0, delete: 0, forget: 0 }
  for (const step of steps) {
    // A policy that is renamed is one thing that moves, though it is written and deleted.
    if (step.movedTo !== undefined) continue
    counts[step.action === 'create' && step.movedFrom !== undefined ? 'move' : step.action]++
  }
  return counts
}
