import { GitFailed } from '../git/index.ts'
import { LedgerUnreadable } from '../ledger/index.ts'
import { PlanUnreadable } from '../model/index.ts'
import { UnreadableAnswer } from '../shapes/index.ts'
import { TargetUnusable } from './facts.ts'
import { LedgerKeyUnusable } from './ledger-key.ts'
import { PlanUnusable } from './saved-plan.ts'
import { SnapshotLacks, SnapshotUnusable } from './snapshot/index.ts'
import { SourceUnusable } from './source.ts'

const EXPECTED = [
  GitFailed,
  LedgerKeyUnusable,
  LedgerUnreadable,
  PlanUnreadable,
  PlanUnusable,
  SnapshotLacks,
  SnapshotUnusable,
  SourceUnusable,
  TargetUnusable,
  UnreadableAnswer,
]

/** Whether an error says what is wrong with the files, the repository or the target, so that its message is all that is needed. */
export const isExpectedFailure = (error: unknown): error is Error => EXPECTED.some(it => error instanceof it)
