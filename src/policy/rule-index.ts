import { PrefixTree } from './prefix-tree.ts'
import { SegmentTree } from './segment-tree.ts'
import type { MergedRule } from './rule.ts'

/** All merged rules, found by path. The cost of a question depends on the path and on the rules that fit it, not on the rest. */
export class RuleIndex {
  readonly #exact = new Map<string, MergedRule>()
  readonly #prefix = new PrefixTree<MergedRule>()
  readonly #segment = new SegmentTree<MergedRule>()

  constructor(rules: Iterable<MergedRule>) {
    for (const rule of rules) {
      if (rule.kind === 'exact') this.#exact.set(rule.key, rule)
      else if (rule.kind === 'prefix') this.#prefix.set(rule.key, rule)
      else this.#segment.set(rule.key, rule)
    }
  }

  /**
   * The one rule that answers; there is no second choice when it lacks the capability. A list (or a scan) of `p/` is also
   * answered by a rule for `p`, where no rule of its kind fits `p/` itself.
   */
  find(path: string, asList: boolean): MergedRule | undefined {
    const bare = asList && path.endsWith('/') ? path.slice(0, -1) : undefined
    return (
      this.#exact.get(path) ??
      (bare === undefined ? undefined : this.#exact.get(bare)) ??
      this.#wildcard(path) ??
      (bare === undefined ? undefined : this.#wildcard(bare))
    )
  }

  /** Of the prefix rules that fit, the longest has the greatest rank; a segment rule must outrank it. */
  #wildcard(path: string): MergedRule | undefined {
    return this.#segment.best(path, this.#prefix.longest(path))
  }
}
