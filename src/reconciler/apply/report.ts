import type { Address, Step } from '../model/index.ts'

export interface StepFailure {
  readonly step: Step
  /** Why, without any value. */
  readonly message: string
}

/** A step that stays done, or half done, although the apply was rolled back. */
export interface KeptStep {
  readonly step: Step
  readonly why: string
}

/** A live object that is not as it was when the plan was made. */
export interface MovedObject {
  readonly step: Step
  readonly now: 'changed' | 'deleted' | 'created'
}

/**
 * How an apply ended:
 *
 * - `done`: all steps;
 * - `moved`: the target is not as it was planned for;
 * - `failed`: a step failed, or was told to stop.
 */
export interface ApplyReport {
  readonly outcome: 'done' | 'moved' | 'failed'
  /** Done, and still so. */
  readonly done: readonly Step[]
  /** Done or begun, and taken back: these objects are as they were. */
  readonly rolledBack: readonly Step[]
  /** What could not be taken back; empty where nothing was rolled back. */
  readonly kept: readonly KeptStep[]
  readonly failed: readonly StepFailure[]
  readonly moved: readonly MovedObject[]
  /** Not begun. */
  readonly left: readonly Step[]
  /** Steps that were begun and of which it is not known whether the target carried them out. */
  readonly unknown: readonly Address[]
  /** Why the ledger could not be written. What is done is done, but the next plan may not know whose it is. */
  readonly ledger?: string
}

export type ApplyEvent =
  | { readonly is: 'started'; readonly step: Step }
  | { readonly is: 'finished'; readonly step: Step; readonly count: number; readonly of: number }
  | { readonly is: 'failed'; readonly step: Step; readonly message: string }
  | { readonly is: 'rolling-back'; readonly count: number }
