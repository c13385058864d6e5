import { structuredPatch } from 'diff'
import { harmless } from './paint.ts'

export interface DiffLine {
  readonly sign: ' ' | '+' | '-' | '@' | '\\'
  readonly text: string
}

/** A unified diff of two texts, without its file header. */
export function textDiff(before: string, after: string): readonly DiffLine[] {
  const { hunks } = structuredPatch('', '', before, after, '', '', { context: 3 })
  return hunks.flatMap(hunk => [
    { sign: '@', text: `@@ -${hunk.oldStart},${hunk.oldLines} +${hunk.newStart},${hunk.newLines} @@` } as const,
    ...hunk.lines.map(line => ({ sign: line.slice(0, 1) as DiffLine['sign'], text: harmless(line.slice(1)) })),
  ])
}

export const linesOf = (text: string): readonly string[] => harmless(text).replace(/\n$/, '').split('\n')
