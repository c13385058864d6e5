import type { SourceFile, SourceRange } from '../../kernel/index.ts'
import type { LineIndex, TokenTable } from '../lex/index.ts'

/**
 * One text as a tree that keeps everything: nodes name their tokens by index, the table keeps all tokens, comments keep their
 * groups. Nothing is decoded here; see `values.ts`.
 */
export interface HclTree {
  readonly source: SourceFile
  /** `json`: the lenient JSON form. Its positions are ours; the server knows none of them. */
  readonly dialect: 'hcl' | 'json'
  readonly tokens: TokenTable
  readonly lines: LineIndex
  readonly items: readonly Item[]
  /** All of them, in text order, whoever they belong to. */
  readonly comments: readonly CommentGroup[]
  /** A `key =` at the very end, which the server drops without a word: the key's token. */
  readonly unfinished: number | undefined
}

/** Comments on consecutive lines: tokens `first` to `last`. */
export interface CommentGroup {
  readonly first: number
  readonly last: number
  /** Whether a node shows it as its lead or tail; a group without an owner stands alone. */
  owned: boolean
}

/** `key = value`, `key "label" { … }`. */
export interface Item {
  readonly kind: 'item'
  /** One at least. Words and strings, as tokens. */
  readonly keys: readonly number[]
  /** The `=` (in JSON the `:`); -1 for a block. */
  readonly assign: number
  readonly value: Value
  /** The group directly above. */
  lead: CommentGroup | undefined
  /** The group behind it on its line. */
  tail: CommentGroup | undefined
}

export type Value = Literal | List | ObjectValue

/** A string, heredoc, number, boolean, or JSON's null. */
export interface Literal {
  readonly kind: 'literal'
  readonly token: number
  /** Only on elements of a list. */
  lead: CommentGroup | undefined
  tail: CommentGroup | undefined
}

export interface List {
  readonly kind: 'list'
  readonly open: number
  readonly close: number
  readonly elements: readonly Value[]
}

export interface ObjectValue {
  readonly kind: 'object'
  readonly open: number
  readonly close: number
  readonly items: readonly Item[]
}

/** A token's text, line ends as `\n`. */
export function tokenText(tree: HclTree, token: number): string {
  const text = tree.source.text.slice(tree.tokens.start(token), tree.tokens.end(token))
  return text.includes('\r\n') ? text.replaceAll('\r\n', '\n') : text
}

/** Whether two tokens are written alike, line ends aside. */
export function sameText(a: HclTree, tokenOfA: number, b: HclTree, tokenOfB: number): boolean {
  const from = a.tokens.start(tokenOfA)
  const other = b.tokens.start(tokenOfB)
  const length = a.tokens.end(tokenOfA) - from
  if (b.tokens.end(tokenOfB) - other === length) {
    let at = 0
    while (at < length && a.source.text.charCodeAt(from + at) === b.source.text.charCodeAt(other + at)) at++
    if (at === length) return true
  }
  return tokenText(a, tokenOfA) === tokenText(b, tokenOfB)
}

export const firstToken = (node: Item | Value): number =>
  node.kind === 'item' ? (node.keys[0] as number) : node.kind === 'literal' ? node.token : node.open

export const lastToken = (node: Item | Value): number =>
  node.kind === 'item' ? lastToken(node.value) : node.kind === 'literal' ? node.token : node.close

export const rangeOfToken = (tree: HclTree, token: number): SourceRange =>
  tree.lines.range(tree.tokens.start(token), tree.tokens.end(token))

/** From a node's first character to its last; an item without its comments. */
export const rangeOf = (tree: HclTree, node: Item | Value): SourceRange =>
  tree.lines.range(tree.tokens.start(firstToken(node)), tree.tokens.end(lastToken(node)))
