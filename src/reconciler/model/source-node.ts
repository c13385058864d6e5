import type { Json, SourceRange } from '../../kernel/index.ts'

/** What a data file says, whatever its syntax: values that know where they stand. */
export type SourceNode = ScalarNode | ListNode | MapNode

export interface ScalarNode {
  readonly is: 'scalar'
  readonly value: string | number | boolean | null
  readonly at: SourceRange
}

export interface ListNode {
  readonly is: 'list'
  readonly items: readonly SourceNode[]
  readonly at: SourceRange
}

export interface MapEntry {
  readonly key: string
  readonly keyAt: SourceRange
  readonly value: SourceNode
}

export interface MapNode {
  readonly is: 'map'
  /** In the order of the text; no key twice. */
  readonly entries: readonly MapEntry[]
  readonly at: SourceRange
}

export function plainValue(node: SourceNode): Json {
  if (node.is === 'scalar') return node.value
  if (node.is === 'list') return node.items.map(plainValue)
  return Object.fromEntries(node.entries.map(it => [it.key, plainValue(it.value)]))
}

/** What a message calls it. */
export function nodeWords(node: SourceNode): string {
  if (node.is === 'list') return 'a list'
  if (node.is === 'map') return 'a map'
  if (node.value === null) return 'nothing'
  return typeof node.value === 'string' ? 'text' : typeof node.value === 'number' ? 'a number' : 'true or false'
}
