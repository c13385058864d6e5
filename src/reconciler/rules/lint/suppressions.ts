import type { SourceFile, SourceRange } from '../../../kernel/index.ts'

/** `# lockstep:ignore rule-id, rule-id: reason`. */
export interface Suppression {
  readonly file: string
  readonly rules: readonly string[]
  readonly reason: string
  readonly at: SourceRange
  /** Lines whose findings it takes away, from 1. */
  readonly from: number
  readonly to: number
  /** And those that concern the file as a whole. */
  readonly coversFile: boolean
}

const MARK = 'lockstep:ignore'
const DIRECTIVE = /(?:#|\/\/|\/\*)\s*lockstep:ignore(?:\s+([\w-]+(?:\s*,\s*[\w-]+)*))?\s*(?::\s*(.*?))?\s*(?:\*\/)?\s*$/

/**
 * A comment behind something counts for its line. One on a line of its own counts for what follows: the next line that is no
 * comment and, if a body opens on it, everything up to the line on which it closes. In the comment that opens a file, with an
 * empty line behind it, it counts for the whole file.
 */
export function suppressionsOf(file: SourceFile): readonly Suppression[] {
  if (!file.text.includes(MARK)) return []
  const lines = file.text.split('\n')
  const found: Suppression[] = []
  const opening = openingComment(lines)
  let offset = 0
  for (const [i, line] of lines.entries()) {
    const match = DIRECTIVE.exec(line)
    if (match !== null) {
      const alone = isComment(line)
      const next = alone ? lines.findIndex((it, n) => n > i && !isComment(it) && !isBlank(it)) : i
      const target = next < 0 ? i : next
      found.push({
        file: file.name,
        rules: (match[1] ?? '').split(',').flatMap(it => (it.trim() === '' ? [] : it.trim())),
        reason: match[2] ?? '',
        at: rangeOn(file.name, line, i, offset, match.index),
        from: i + 1,
        to: i < opening ? lines.length : alone ? closing(lines, target) + 1 : i + 1,
        coversFile: i < opening,
      })
    }
    offset += line.length + 1
  }
  return found
}

const isBlank = (line: string): boolean => line.trim() === ''
const isComment = (line: string): boolean => /^\s*(#|\/\/|\/\*|\*)/.test(line)

/** How many lines the comment has that opens the file, if it stands apart from what follows. */
function openingComment(lines: readonly string[]): number {
  const end = lines.findIndex(it => !isComment(it))
  if (end < 0) return lines.length
  return isBlank(lines[end] ?? '') ? end : 0
}

/** The line on which what opens on this line is closed, by its indentation. */
function closing(lines: readonly string[], at: number): number {
  const line = lines[at] ?? ''
  if (!/[{[]\s*(?:(?:#|\/\/).*)?$/.test(line)) return at
  const indent = /^\s*/.exec(line)?.[0].length ?? 0
  const end = lines.findIndex((it, n) => n > at && /^\s*[}\]]/.test(it) && (/^\s*/.exec(it)?.[0].length ?? 0) <= indent)
  return end < 0 ? lines.length - 1 : end
}

function rangeOn(file: string, line: string, index: number, offset: number, start: number): SourceRange {
  const end = line.trimEnd().length
  const columns = (to: number): number => Array.from(line.slice(0, to)).length + 1
  return {
    file,
    start: { line: index + 1, column: columns(start), offset: offset + start },
    end: { line: index + 1, column: columns(end), offset: offset + end },
  }
}
