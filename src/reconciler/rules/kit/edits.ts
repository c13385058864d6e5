import { tokenName, type HclTree, type List } from '../../../hcl/index.ts'
import type { Edit } from '../rule.ts'

const isComment = (tree: HclTree, token: number): boolean => tokenName(tree.tokens.kind(token)) === 'COMMENT'

/**
 * Takes an element out of a list, with its comma. Undefined where a comment stands between it and its neighbour: whose it is
 * only its author knows.
 */
export function withoutElement(tree: HclTree, list: List, index: number): Edit | undefined {
  const { tokens } = tree
  const element = list.elements[index]
  if (element?.kind !== 'literal') return undefined
  const next = list.elements[index + 1]
  const before = list.elements[index - 1]
  if (next?.kind === 'literal') return between(tree, element.token, next.token, tokens.start(element.token), tokens.start(next.token))
  if (before?.kind === 'literal') return between(tree, before.token, element.token, tokens.end(before.token), tokens.end(element.token))
  return between(tree, list.open, list.close, tokens.end(list.open), tokens.start(list.close))
}

function between(tree: HclTree, first: number, last: number, start: number, end: number): Edit | undefined {
  for (let token = first; token <= last; token++) if (isComment(tree, token)) return undefined
  return { start, end, text: '' }
}

/** Puts another text in place of a token. */
export const replaced = (tree: HclTree, token: number, text: string): Edit => ({
  start: tree.tokens.start(token),
  end: tree.tokens.end(token),
  text,
})

/** A text as a string of the language; undefined for one that needs more than plain characters. */
export const quoted = (text: string): string | undefined => (/^[\x20-\x7e]*$/.test(text) && !/["\\$]/.test(text) ? `"${text}"` : undefined)
