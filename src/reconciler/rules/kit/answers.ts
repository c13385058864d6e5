import type { PolicyView, Reach, RuleView } from '../view/index.ts'

export interface Answers {
  /** Whether the rule decides anything at all. */
  readonly answers: boolean
  /** One of those that answer in its place. */
  readonly instead: RuleView | undefined
}

/** Asks the compiled policy about every kind of path that the rule fits, for a read and for a list, which look paths up differently. */
export function answersOf(rule: RuleView, { reach }: PolicyView): Answers {
  if (goesFirst(rule, reach)) return { answers: true, instead: undefined }
  let instead: RuleView | undefined
  for (const path of reach.witnesses(rule)) {
    for (const op of ['read', 'list'] as const) {
      const winner = reach.acl.decide({ path, op, sudoPath: false }).rule
      if (winner === undefined) continue
      if (winner.sources.some(it => reach.viewOf(it.rule) === rule)) return { answers: true, instead: undefined }
      const [source] = winner.sources
      instead ??= source === undefined ? undefined : reach.viewOf(source.rule)
    }
  }
  return { answers: false, instead }
}

/** Leading slashes are left to the compiler, which knows that they do not count. */
const isPlain = ({ path, isTemplated }: RuleView): boolean => !isTemplated && !path.includes('+') && !path.startsWith('/')

/**
 * What needs no compiling: a path without `+` and `*` goes before all others; and where nobody has a `+`, the longest path that ends
 * in `*` does, so each answers for a path that nobody names behind its own. The same path once more is merged with this one.
 */
const goesFirst = (rule: RuleView, reach: Reach): boolean =>
  isPlain(rule) && (!rule.path.endsWith('*') || reach.rivals(rule).every(isPlain))
