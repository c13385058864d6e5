import type { SourceFile } from '../../../kernel/index.ts'
import { parseText, tokenName, tokenText } from '../../../hcl/index.ts'
import type { Edit } from '../rule.ts'
import type { LintFinding } from './lint.ts'

export interface Fixed {
  readonly text: string
  readonly count: number
}

/**
 * The safe edits of the findings of one file, made; undefined when there are none. Where two touch, the later one waits for the
 * next run. A result that does not parse, or lost a comment, is thrown away.
 */
export function applyFixes(file: SourceFile, findings: readonly LintFinding[]): Fixed | undefined {
  const chosen: Edit[] = []
  let count = 0
  for (const { fix, at } of findings) {
    if (fix?.safe !== true || at.file !== file.name) continue
    if (fix.edits.some(edit => chosen.some(other => edit.start < other.end && other.start < edit.end))) continue
    chosen.push(...fix.edits)
    count++
  }
  if (count === 0) return undefined
  const text = edited(file.text, chosen)
  const before = commentsOf(file)
  const after = commentsOf({ name: file.name, text })
  return before !== undefined && before === after && text !== file.text ? { text, count } : undefined
}

function edited(text: string, edits: readonly Edit[]): string {
  let result = text
  for (const { start, end, text: put } of edits.toSorted((a, b) => b.start - a.start))
    result = result.slice(0, start) + put + result.slice(end)
  return result
}

/** All comments as one text; undefined for what does not parse. */
function commentsOf(file: SourceFile): string | undefined {
  const parsed = parseText(file)
  if (!parsed.ok) return undefined
  const { tokens } = parsed.value
  const comments: string[] = []
  for (let token = 0; token < tokens.count; token++)
    if (tokenName(tokens.kind(token)) === 'COMMENT') comments.push(tokenText(parsed.value, token))
  return comments.join('\0')
}
