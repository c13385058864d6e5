import type { AccessQuery, Decision } from './decision.ts'
import { matches } from './matches.ts'
import { precedenceOf, type Precedence, weightOf } from './priority.ts'
import { isListing, lookedUpPath } from './request-path.ts'
import type { DroppedRule, MergedRule } from './rule.ts'

/** Why a rule that fits the path does not answer for it. */
export type LossReason =
  /** An exact rule answers before any wildcard. */
  | 'exact-first'
  /** A rule fits the path with its final slash, this one only without. */
  | 'with-slash-first'
  | Precedence

export interface Candidate {
  readonly rule: MergedRule
  /** A list of `p/` is also asked for `p`. */
  readonly fits: 'path' | 'path-without-slash'
  /** Absent for the rule that answers. */
  readonly lost?: LossReason
}

export interface Explanation {
  readonly decision: Decision
  /** The path as it is looked up: without leading slashes, a list with a final one. */
  readonly path: string
  /** Every rule that fits, the one that answers first, then in the order in which they would have. */
  readonly candidates: readonly Candidate[]
  /** Rules that take no part for this token, wherever they would have fitted. */
  readonly dropped: readonly DroppedRule[]
}

export function explainDecision(
  rules: readonly MergedRule[],
  dropped: readonly DroppedRule[],
  query: AccessQuery,
  decision: Decision,
): Explanation {
  const path = lookedUpPath(query.path, query.op)
  const found = query.op === 'help' ? [] : fitting(rules, path, isListing(query.op))
  const [winner] = found
  const candidates = found.map((it): Candidate => (winner === undefined || it === winner ? it : { ...it, lost: lossOf(winner, it) }))
  return { decision, path, candidates, dropped }
}

type Fit = Pick<Candidate, 'rule' | 'fits'>

function fitting(rules: readonly MergedRule[], path: string, asList: boolean): readonly Fit[] {
  const bare = asList && path.endsWith('/') ? path.slice(0, -1) : undefined
  const found: Fit[] = []
  for (const rule of rules) {
    if (matches(rule, path)) found.push({ rule, fits: 'path' })
    else if (bare !== undefined && matches(rule, bare)) found.push({ rule, fits: 'path-without-slash' })
  }
  return found.sort(
    (a, b) =>
      Number(b.rule.kind === 'exact') - Number(a.rule.kind === 'exact') ||
      Number(a.fits !== 'path') - Number(b.fits !== 'path') ||
      b.rule.rank - a.rule.rank,
  )
}

function lossOf(winner: Fit, loser: Fit): LossReason {
  if (winner.rule.kind === 'exact' && loser.rule.kind !== 'exact') return 'exact-first'
  if (winner.fits !== loser.fits) return 'with-slash-first'
  return precedenceOf(weightOf(winner.rule), weightOf(loser.rule))
}
