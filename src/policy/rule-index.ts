import { holdsRawBytes, toByteText } from './byte-text.ts'
import type { MergedRule } from './rule.ts'
import { WildcardTree } from './wildcard-tree.ts'

interface OfRule {
  readonly rule: MergedRule
  readonly rank: number
}

/** All merged rules, found by path. The cost of a question depends on the path and on the rules that fit it, not on the rest. */
export class RuleIndex<T extends OfRule> {
  readonly #exact = new Map<string, T>()
  readonly #wildcard: WildcardTree<T> = new WildcardTree()

  readonly #inBytes: boolean

  constructor(entries: readonly T[]) {
    this.#inBytes = entries.some(it => holdsRawBytes(it.rule.key))
    for (const entry of entries) {
      const { kind } = entry.rule
      const key = this.#comparable(entry.rule.key)
      if (kind === 'exact') this.#exact.set(key, entry)
      else if (kind === 'prefix') this.#wildcard.add(key, entry, { starred: true, segments: false })
      else {
        const starred = key.endsWith('*')
        this.#wildcard.add(starred ? key.slice(0, -1) : key, entry, { starred, segments: true })
      }
    }
  }

  /**
   * The one rule that answers; there is no second choice when it lacks the capability. A list (or a scan) of `p/` is also
   * answered by a rule for `p`, where no rule of its kind fits `p/` itself. Of the prefix rules that fit, the server looks
   * at the longest alone; that is the one with the greatest rank among them, so the greatest rank of all decides.
   */
  find(asked: string, asList: boolean): T | undefined {
    const path = this.#comparable(asked)
    const found = this.#exact.get(path)
    if (found !== undefined) return found
    if (!asList || !path.endsWith('/')) return this.#wildcard.best(path)
    const bare = path.slice(0, -1)
    return this.#exact.get(bare) ?? this.#wildcard.best(path) ?? this.#wildcard.best(bare)
  }

  #comparable(text: string): string {
    return this.#inBytes ? toByteText(text) : text
  }
}
