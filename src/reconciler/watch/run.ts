import type { Action } from '../model/index.ts'

/** What a watch did: looked for a difference, or made the target as a commit says. */
export type RunKind = 'apply' | 'plan'

/**
 * How a run ended.
 *
 * - `clean`: nothing to do. `applied`: all was done, and the plan after it is empty.
 * - `drift`: files and target differ, and nothing was to be done about it.
 * - `waiting`: there is something to do, at another time.
 * - `refused`: a guard stands. `broken`: the files are not right. `unverified`: the commit's signature does not count.
 * - `stopped`: a step failed, or the target moved. `unsettled`: all was done, and yet the next plan is not empty.
 * - `failed`: the target or the repository could not be asked.
 */
export const outcomes = [
  'clean',
  'applied',
  'drift',
  'waiting',
  'refused',
  'broken',
  'unverified',
  'stopped',
  'unsettled',
  'failed',
] as const
export type RunOutcome = (typeof outcomes)[number]

export type Counts = Readonly<Record<Action, number>>

export interface RunResult {
  readonly outcome: RunOutcome
  /** Of the plan's steps. Absent: no plan was made. */
  readonly counts?: Counts
  /** Of the plan: tells whether two runs saw the same. */
  readonly digest?: string
  /** One sentence for people, without any secret. */
  readonly message?: string
  /** Another try may well go otherwise, without anybody doing anything. */
  readonly mayRepeat: boolean
}

export interface WatchedCommit {
  readonly id: string
  readonly subject: string
}

/** A run that is over, as it is told and remembered. */
export interface RunRecord extends Omit<RunResult, 'mayRepeat'> {
  readonly kind: RunKind
  readonly commit: WatchedCommit
  readonly begunAt: Date
  /** Milliseconds. */
  readonly took: number
  /** Why it is run: a commit that is new, another try, or the time of looking at the target. */
  readonly cause: 'commit' | 'retry' | 'drift'
  readonly retryAt?: Date
}

/** Steps that change the target. */
export const touchedCount = ({ create, update, move, replace, delete: deleted }: Counts): number =>
  create + update + move + replace + deleted
