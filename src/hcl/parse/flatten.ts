import { MAX_COPIED_KEYS } from './limits.ts'
import type { Item, Value } from './tree.ts'

/**
 * JSON has no labels: `{"path": {"a": {…}}}` means `path "a" {…}`. So an object that holds only objects, and a list that holds
 * only objects, dissolve into items that carry the keys of both; in the objects inside the same happens again. Undefined when
 * that would copy too many keys.
 */
export function flattened(items: readonly Item[]): Item[] | undefined {
  const budget = { keys: MAX_COPIED_KEYS }
  const flat = flattenItems(items, budget)
  return budget.keys < 0 ? undefined : flat
}

interface Budget {
  keys: number
}

function flattenItems(items: readonly Item[], budget: Budget): Item[] {
  const flat: Item[] = []
  // Last in, first out, and turned around at the end: so the text order is kept, as the server's is.
  const waiting = [...items]
  for (let item = waiting.pop(); item !== undefined && budget.keys >= 0; item = waiting.pop()) {
    const { value } = item
    if (value.kind === 'object' && value.items.length > 0 && value.items.every(it => it.value.kind === 'object')) {
      for (const inner of value.items) {
        budget.keys -= item.keys.length
        if (budget.keys < 0) break
        waiting.push({ ...inner, keys: [...item.keys, ...inner.keys], assign: item.assign })
      }
    } else if (value.kind === 'list' && value.elements.length > 0 && value.elements.every(it => it.kind === 'object')) {
      for (const element of value.elements) waiting.push({ ...item, value: element })
    } else flat.push({ ...item, value: flattenInside(value, budget) })
  }
  return flat.reverse()
}

function flattenInside(value: Value, budget: Budget): Value {
  if (value.kind === 'object') return { ...value, items: flattenItems(value.items, budget) }
  if (value.kind === 'list') return { ...value, elements: value.elements.map(it => flattenInside(it, budget)) }
  return value
}
