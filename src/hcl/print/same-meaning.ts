import { sameText, type HclTree, type Item, type Value } from '../parse/index.ts'

/**
 * The first place in `before` where `after` says something else; undefined when both say the same. Comments, commas and layout
 * do not count, and neither does an `=` before a body.
 */
export function firstDifference(before: HclTree, after: HclTree): number | undefined {
  return new Comparison(before, after).items(before.items, after.items)
}

class Comparison {
  readonly #before: HclTree
  readonly #after: HclTree

  constructor(before: HclTree, after: HclTree) {
    this.#before = before
    this.#after = after
  }

  items(before: readonly Item[], after: readonly Item[]): number | undefined {
    for (let i = 0; i < before.length; i++) {
      const item = before[i] as Item
      const other = after[i]
      const difference = other === undefined ? (item.keys[0] as number) : this.#item(item, other)
      if (difference !== undefined) return difference
    }
    return after.length > before.length ? (before.at(-1)?.keys[0] ?? 0) : undefined
  }

  #item(before: Item, after: Item): number | undefined {
    if (before.keys.length !== after.keys.length) return before.keys[0]
    for (let i = 0; i < before.keys.length; i++) {
      const key = before.keys[i] as number
      if (this.#differ(key, after.keys[i] as number)) return key
    }
    return this.#value(before.value, after.value)
  }

  #value(before: Value, after: Value): number | undefined {
    if (before.kind === 'literal') return after.kind === 'literal' && !this.#differ(before.token, after.token) ? undefined : before.token
    if (before.kind === 'object') return after.kind === 'object' ? this.items(before.items, after.items) : before.open
    if (after.kind !== 'list' || before.elements.length !== after.elements.length) return before.open
    for (let i = 0; i < before.elements.length; i++) {
      const difference = this.#value(before.elements[i] as Value, after.elements[i] as Value)
      if (difference !== undefined) return difference
    }
    return undefined
  }

  #differ(before: number, after: number): boolean {
    return this.#before.tokens.kind(before) !== this.#after.tokens.kind(after) || !sameText(this.#before, before, this.#after, after)
  }
}
