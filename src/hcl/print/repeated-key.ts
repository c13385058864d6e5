import { sameText, tokenText, type HclTree, type Item, type List, type ObjectValue, type Value } from '../parse/index.ts'

/**
 * The first key that `=` sets a second time in one body, in the order in which the peer's parser completes items: inner bodies
 * first. Keys are compared as written, so `a` and `"a"` are two.
 */
export function repeatedKey(tree: HclTree): RepeatedKey | undefined {
  return inItems(tree, tree.items)
}

export interface RepeatedKey {
  readonly key: number
  /** The lists' elements that it stands in, innermost first: the peer's message names each of them. */
  readonly within: (ObjectValue | List)[]
}

/** Bodies are short as a rule: comparing all pairs is cheaper than a set of texts, until it is not. */
const FEW = 16

function inItems(tree: HclTree, items: readonly Item[]): RepeatedKey | undefined {
  const seen = items.length > FEW ? new Set<string>() : undefined
  for (let i = 0; i < items.length; i++) {
    const item = items[i] as Item
    const inside = inValue(tree, item.value)
    if (inside !== undefined) return inside
    if (item.assign === -1) continue
    const key = item.keys[0] as number
    if (seen === undefined) {
      for (let j = 0; j < i; j++) if (sets(tree, items[j] as Item, key)) return { key, within: [] }
    } else {
      const text = tokenText(tree, key)
      if (seen.has(text)) return { key, within: [] }
      seen.add(text)
    }
  }
  return undefined
}

const sets = (tree: HclTree, item: Item, key: number): boolean => item.assign !== -1 && sameText(tree, item.keys[0] as number, tree, key)

function inValue(tree: HclTree, value: Value): RepeatedKey | undefined {
  if (value.kind === 'literal') return undefined
  if (value.kind === 'object') return inItems(tree, value.items)
  for (const element of value.elements) {
    if (element.kind === 'literal') continue
    const inside = inValue(tree, element)
    if (inside === undefined) continue
    inside.within.push(element)
    return inside
  }
  return undefined
}
