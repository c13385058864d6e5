import { holdsRawBytes, toByteText } from './byte-text.ts'
import type { MergedRule } from './rule.ts'
import { WildcardTree } from './wildcard-tree.ts'

interface OfRule {
  readonly rule: MergedRule
  readonly rank: number
}

const SLASH = 47

/** All merged rules, found by path. The cost of a question depends on the path and on the rules that fit it, not on the rest. */
export class RuleIndex<T extends OfRule> {
  readonly #exact = new Map<string, T>()
  readonly #wildcard: WildcardTree<T> = new WildcardTree()

  readonly #inBytes: boolean
  #listed: ReadonlyMap<string, T> | undefined

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
   * The one rule that answers; there is no second choice when it lacks the capability. Of the prefix rules that fit, the server
   * looks at the longest alone; that is the one with the greatest rank among them, so the greatest rank of all decides.
   */
  find(asked: string): T | undefined {
    const path = this.#comparable(asked)
    return this.#exact.get(path) ?? this.#wildcard.best(path)
  }

  /**
   * The same for a list or a scan of `p/`, whether or not the slash is said. It is also answered by a rule for `p`, where no rule
   * of its kind fits `p/` itself.
   */
  findListed(asked: string): T | undefined {
    const path = this.#comparable(asked)
    const bare = path.charCodeAt(path.length - 1) === SLASH ? path.length - 1 : path.length
    const exact = (this.#listed ??= this.#exactOfLists()).get(path)
    return exact ?? this.#wildcard.best(path, bare, true) ?? this.#wildcard.best(path, bare)
  }

  /** Under the path with and without its final slash, so that no text has to be made for a question. */
  #exactOfLists(): ReadonlyMap<string, T> {
    const listed = new Map<string, T>()
    const add = (path: string, entry: T): void => {
      listed.set(path, entry)
      const bare = path.slice(0, -1)
      if (!bare.endsWith('/')) listed.set(bare, entry)
    }
    for (const [key, entry] of this.#exact) add(`${key}/`, entry)
    for (const [key, entry] of this.#exact) if (key.endsWith('/')) add(key, entry)
    return listed
  }

  #comparable(text: string): string {
    return this.#inBytes ? toByteText(text) : text
  }
}
