import type { TextEdit } from 'vscode-languageserver/node'
import type { TextDocument } from 'vscode-languageserver-textdocument'
import type { Edit } from '../reconciler/rules/index.ts'

export const editOf = (document: TextDocument, { start, end, text }: Edit): TextEdit => ({
  range: { start: document.positionAt(start), end: document.positionAt(end) },
  newText: text,
})

/** One edit that makes a document into a text, without what both begin and end with, so that cursors and folds stay where they are. */
export function editsTo(document: TextDocument, text: string): TextEdit[] {
  const before = document.getText()
  if (before === text) return []
  const most = Math.min(before.length, text.length)
  let start = 0
  while (start < most && before[start] === text[start]) start++
  let same = 0
  while (same < most - start && before.at(-1 - same) === text.at(-1 - same)) same++
  // Between the halves of a character, or of a line break, there is no position.
  while (start > 0 && /[\uD800-\uDBFF\r]/.test(before[start - 1] ?? '')) start--
  while (same > 0 && /[\uDC00-\uDFFF\n]/.test(before.at(-same) ?? '')) same--
  return [editOf(document, { start, end: before.length - same, text: text.slice(start, text.length - same) })]
}
