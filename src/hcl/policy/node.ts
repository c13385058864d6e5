import type { SourceRange } from '../../kernel/index.ts'
import { firstToken, rangeOf, rangeOfToken, stringValue, type HclTree, type Item, type Value } from '../parse/index.ts'

/** An item whose first keys were used up: `path "a" { … }` seen from `path` is the entry `"a" { … }`. */
export interface Entry {
  readonly kind: 'entry'
  /** How many keys of the item are used up. */
  readonly from: number
  readonly item: Item
}

export interface Entries {
  readonly kind: 'entries'
  readonly entries: readonly Entry[]
}

/** What can be decoded: a value, some items together, or one of them. */
export type Node = Value | Entries | Entry

/** The server's names for them, which its messages show. */
export const nodeTypes: Readonly<Record<Node['kind'], string>> = {
  literal: '*ast.LiteralType',
  list: '*ast.ListType',
  object: '*ast.ObjectType',
  entries: '*ast.ObjectList',
  entry: '*ast.ObjectItem',
}

const shownAs: Readonly<Record<Node['kind'], string>> = {
  literal: 'another value',
  list: 'a list',
  object: 'an object',
  entries: 'a block',
  entry: 'a block',
}
export const shownNode = (node: Node): string => shownAs[node.kind]

export const entriesOf = (items: readonly Item[]): Entry[] => items.map(item => ({ kind: 'entry', from: 0, item }))

/** The decoded key at a place, counted from what is left. */
export function keyAt(tree: HclTree, entry: Entry, index: number): string | undefined {
  const token = entry.item.keys[entry.from + index]
  return token === undefined ? undefined : stringValue(tree, token)
}

export const keysLeft = (entry: Entry): number => entry.item.keys.length - entry.from

/** Entries whose first key is `name` in whatever case, without that key. */
export function filtered(tree: HclTree, entries: readonly Entry[], name: string): Entry[] {
  const found: Entry[] = []
  for (const entry of entries) {
    const key = keyAt(tree, entry, 0)
    if (key !== undefined && (key === name || key.toUpperCase() === name.toUpperCase()))
      found.push({ kind: 'entry', from: entry.from + 1, item: entry.item })
  }
  return found
}

/** Where a node begins in the server's count; undefined where it knows none, which it shows as `-`. */
export function placeOf(tree: HclTree, node: Node): string {
  const token = tree.dialect === 'json' ? undefined : startOf(node)
  if (token === undefined) return '-'
  const { line, column } = tree.lines.position(tree.tokens.start(token))
  return `${line}:${column}`
}

function startOf(node: Node): number | undefined {
  if (node.kind === 'entry') return node.item.keys[node.from] ?? firstToken(node.item.value)
  if (node.kind !== 'entries') return firstToken(node)
  const first = node.entries[0]
  return first === undefined ? undefined : startOf(first)
}

export function rangeOfNode(tree: HclTree, node: Node): SourceRange | undefined {
  if (node.kind === 'entry') return rangeOf(tree, node.item)
  if (node.kind !== 'entries') return rangeOf(tree, node)
  const first = node.entries[0]
  return first === undefined ? undefined : rangeOf(tree, first.item)
}

export const rangeOfKey = (tree: HclTree, item: Item, index: number): SourceRange =>
  rangeOfToken(tree, item.keys[index] ?? (item.keys[0] as number))
