import { tokenText, type HclTree, type Item, type Value } from '../parse/index.ts'

/**
 * The first key that `=` sets a second time in one body, in the order in which the peer's parser completes items: inner bodies
 * first. Keys are compared as written, so `a` and `"a"` are two.
 */
export function repeatedKey(tree: HclTree): number | undefined {
  return inItems(tree, tree.items)
}

function inItems(tree: HclTree, items: readonly Item[]): number | undefined {
  const seen = items.length > 1 ? new Set<string>() : undefined
  for (const item of items) {
    const inside = inValue(tree, item.value)
    if (inside !== undefined) return inside
    if (seen === undefined || item.assign === -1) continue
    for (const key of item.keys) {
      const text = tokenText(tree, key)
      if (seen.has(text)) return key
      seen.add(text)
    }
  }
  return undefined
}

function inValue(tree: HclTree, value: Value): number | undefined {
  if (value.kind === 'literal') return undefined
  if (value.kind === 'object') return inItems(tree, value.items)
  for (const element of value.elements) {
    const inside = inValue(tree, element)
    if (inside !== undefined) return inside
  }
  return undefined
}
