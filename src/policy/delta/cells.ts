import type { MergedRule } from '../rule.ts'
import { meaningOf } from './grant.ts'
import { intersect, overlap, type Pattern, patternOf, withSlash } from './pattern.ts'
import { PatternIndex } from './pattern-index.ts'
import { anyInBytes, asked, entriesOf, type Entry, type Question } from './question.ts'
import { isSymbolic } from './symbolic.ts'
import { type Region, regionOf, witnessOf } from './region.ts'

/** Paths that one rule answers before and one after. */
export interface Cell extends Region {
  readonly question: Question
  readonly before: MergedRule | undefined
  readonly after: MergedRule | undefined
  readonly witness: string
}

export interface Sides {
  readonly before: readonly MergedRule[]
  readonly after: readonly MergedRule[]
  /** A letter that no key says. */
  readonly fresh: string
  /** Whether the two rules differ wherever they answer; what differs nowhere needs no cell. */
  readonly differ: (before: MergedRule | undefined, after: MergedRule | undefined, question: Question) => boolean
}

/**
 * Every path on which the two sides may differ, in cells that have no path in common. Only rules that are not the same on both
 * sides are looked at: where neither answer comes from one of those, both come from the same rule, because it is the
 * greatest of all that fit on the one side and on the other.
 */
export function differingCells(sides: Sides, question: Question): readonly Cell[] {
  const inBytes = anyInBytes(sides.before) || anyInBytes(sides.after)
  const [before, after] = [entriesOf(sides.before, question, inBytes), entriesOf(sides.after, question, inBytes)]
  const [oldOnes, newOnes] = [changedRules(sides.before, sides.after), changedRules(sides.after, sides.before)]
  if (oldOnes.size === 0 && newOnes.size === 0) return []
  const indexes = { before: new PatternIndex(before), after: new PatternIndex(after) }
  const cells: Cell[] = []
  const find = (own: Entry, mine: PatternIndex<Entry>, theirs: PatternIndex<Entry>, isOld: boolean): void => {
    const answers = (rule: MergedRule | undefined): Pick<Cell, 'before' | 'after'> =>
      isOld ? { before: own.rule, after: rule } : { before: rule, after: own.rule }
    const add = (pattern: Entry['pattern'], rival: Entry | undefined): void => {
      const pair = answers(rival?.rule)
      if (!sides.differ(pair.before, pair.after, question)) return
      const stronger = (index: PatternIndex<Entry>, order: number): readonly Entry[] =>
        index.overlapping(pattern).filter(it => it.order > order)
      const except = [...stronger(mine, own.order), ...stronger(theirs, rival?.order ?? -1)].map(it => it.pattern)
      const region = regionOf(pattern, except, question)
      const witness = region === undefined ? undefined : witnessOf(region, question, sides.fresh)
      if (region !== undefined && witness !== undefined) cells.push({ ...region, ...pair, question, witness })
    }
    for (const rival of theirs.overlapping(own.pattern)) {
      // Where both answers come from a rule that changed, the old one has told already.
      if (!isOld && oldOnes.has(rival.rule)) continue
      const common = intersect(own.pattern, rival.pattern)
      const pattern = common === undefined ? undefined : asked(common, question)
      if (pattern !== undefined) add(pattern, rival)
    }
    add(own.pattern, undefined)
  }
  for (const entry of before) if (oldOnes.has(entry.rule)) find(entry, indexes.before, indexes.after, true)
  for (const entry of after) if (newOnes.has(entry.rule)) find(entry, indexes.after, indexes.before, false)
  return cells
}

/**
 * Whether anything may differ for those for whom templates cannot be resolved: only where a rule with a template has changed, or meets
 * one that has.
 */
export function dependsOnTemplates(before: readonly MergedRule[], after: readonly MergedRule[]): boolean {
  const changed = [...changedRules(before, after), ...changedRules(after, before)]
  if (changed.some(it => isSymbolic(it.key))) return true
  const templated = [...before, ...after].filter(it => isSymbolic(it.key)).map(it => patternOf(it, it.key))
  return templated.length > 0 && changed.some(it => meetsOne(patternOf(it, it.key), templated))
}

/** A list of `p/` may be answered by a rule for `p`. */
const meetsOne = (pattern: Pattern, others: readonly Pattern[]): boolean =>
  others.some(it => overlap(it, pattern) || overlap(withSlash(it), pattern) || overlap(it, withSlash(pattern)))

/** Those which the other side does not have, or not with this meaning. */
function changedRules(rules: readonly MergedRule[], others: readonly MergedRule[]): ReadonlySet<MergedRule> {
  const id = (it: MergedRule): string => `${it.kind} ${it.key}`
  const known = new Map(others.map(it => [id(it), it]))
  return new Set(
    rules.filter(rule => {
      const other = known.get(id(rule))
      return other === undefined || (!isSameText(other, rule) && meaningOf(other) !== meaningOf(rule))
    }),
  )
}

/** Made of the very same rules, so that nothing has to be compared. */
const isSameText = (a: MergedRule, b: MergedRule): boolean =>
  a.sources.length === b.sources.length && a.sources.length > 0 && a.sources.every((it, i) => it.rule === b.sources[i]?.rule)
