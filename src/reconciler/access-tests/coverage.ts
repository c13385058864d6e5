import type { SourceRange } from '../../kernel/index.ts'
import type { Explanation } from '../../policy/index.ts'
import type { Access } from '../access/index.ts'

export interface CoveredRule {
  readonly policy: string
  /** As it is written. */
  readonly path: string
  readonly at: SourceRange
}

export interface RuleCoverage {
  /** All rules of the policies that are described. */
  readonly rules: number
  readonly covered: number
  /** 0 to 100; 100 where there are no rules. */
  readonly percent: number
  readonly uncovered: readonly CoveredRule[]
}

/** A rule is covered when it takes part in an answer that a test looked at. */
export function ruleCoverage(access: Access, looked: readonly Explanation[]): RuleCoverage {
  const asked = new Set(
    looked.flatMap(({ decision }) => (decision.rule?.sources ?? []).flatMap(it => (it.part === 'ignored' ? [] : keyOf(it.rule.at)))),
  )
  const all = [...access.described].flatMap(policy =>
    (access.policy(policy)?.rules ?? []).flatMap(({ path, at }) => (at === undefined ? [] : [{ policy, path, at }])),
  )
  const uncovered = all.filter(it => !asked.has(keyOf(it.at)))
  const covered = all.length - uncovered.length
  return { rules: all.length, covered, percent: all.length === 0 ? 100 : (covered / all.length) * 100, uncovered }
}

const keyOf = (at: SourceRange | undefined): string => (at === undefined ? '' : `${at.file}:${at.start.offset}`)
