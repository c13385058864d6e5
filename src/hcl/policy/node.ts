import { tokenName, type TokenName } from '../lex/index.ts'
import type { SourceRange } from '../../kernel/index.ts'
import { firstToken, rangeOf, rangeOfToken, stringValue, type HclTree, type Item, type Value } from '../parse/index.ts'

/** An item whose first keys were used up: `path "a" { … }` seen from `path` is the entry `"a" { … }`. */
export interface Entry {
  readonly kind: 'entry'
  /** The first key that is left, decoded; undefined when there is none, or it cannot be read. */
  readonly key: string | undefined
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

const shownAs: Readonly<Record<Exclude<Node['kind'], 'literal'>, string>> = {
  list: 'a list',
  object: 'an object',
  entries: 'a block',
  entry: 'a block',
}
const shownLiterals: Readonly<Partial<Record<TokenName, string>>> = {
  BOOL: 'a boolean',
  NUMBER: 'a number',
  FLOAT: 'a number',
  NULL: 'null',
}

export const shownNode = (tree: HclTree, node: Node): string =>
  node.kind === 'literal' ? (shownLiterals[tokenName(tree.tokens.kind(node.token))] ?? 'a string') : shownAs[node.kind]

export const entriesOf = (tree: HclTree, items: readonly Item[]): Entry[] => items.map(item => entryOf(tree, item, 0))

export function entryOf(tree: HclTree, item: Item, from: number): Entry {
  const token = item.keys[from]
  return { kind: 'entry', key: token === undefined ? undefined : stringValue(tree, token), from, item }
}

export const keysLeft = (entry: Entry): number => entry.item.keys.length - entry.from

/** Whether an entry's first key is `name`, in whatever case. */
export const hasKey = ({ key }: Entry, name: string): boolean => key === name || (key !== undefined && isSameWord(key, name))

function isSameWord(key: string, name: string): boolean {
  if (key.length !== name.length) return false
  const first = key.charCodeAt(0)
  if (first < 128 && (first | 32) !== (name.charCodeAt(0) | 32)) return false
  return key.toUpperCase() === name.toUpperCase()
}

/** Entries whose first key is `name`, without that key. */
export function filtered(tree: HclTree, entries: readonly Entry[], name: string): Entry[] {
  const found: Entry[] = []
  for (const entry of entries) if (hasKey(entry, name)) found.push(entryOf(tree, entry.item, entry.from + 1))
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
  // An entry without keys has no place to the server, although its value has one.
  if (node.kind === 'entry') return node.item.keys[node.from]
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
