import type { Diagnostic, SourceFile } from '../kernel/index.ts'

const LONGEST_LINE = 160

/**
 * A diagnostic for people: what and where, the line it stands in with carets below, and what to do. Plain text without a final
 * line break; the source may be absent, and then there is no excerpt.
 */
export function renderDiagnostic(diagnostic: Diagnostic, source?: SourceFile): string {
  const { at, code, detail, severity, summary } = diagnostic
  const head = `${severity}[${code}]: ${visible(summary)}`
  const hint = detail === undefined ? [] : [visible(detail)]
  if (at === undefined) return [head, ...hint.map(it => `  = ${it}`)].join('\n')
  const lines = [head, ...excerpt(at.start, at.end, `--> ${at.file}`, source, hint)]
  for (const { at: place, note } of diagnostic.related ?? [])
    lines.push(...excerpt(place.start, place.end, `::: ${place.file}`, source, [visible(note)]))
  return lines.join('\n')
}

type Position = NonNullable<Diagnostic['at']>['start']

function excerpt(start: Position, end: Position, where: string, source: SourceFile | undefined, notes: readonly string[]): string[] {
  const margin = ' '.repeat(String(start.line).length)
  const place = `${margin}${where}:${start.line}:${start.column}`
  const line = source === undefined ? undefined : lineAt(source.text, start)
  if (line === undefined) return [place, ...notes.map(note => `${margin} = ${note}`)]
  const { shown, before, marked } = cut(line, start, end)
  const carets = `${before.replace(/[^\t]/gu, widthOf)}${'^'.repeat(Math.max(1, columns(marked)))}`
  const [first, ...rest] = notes
  return [
    place,
    `${margin} |`,
    `${start.line} | ${visible(shown)}`,
    `${margin} | ${carets}${first === undefined ? '' : ` ${first}`}`,
    ...rest.map(note => `${margin} = ${note}`),
  ]
}

/** The line of a place; undefined when the text does not reach that far, so is not the one that was read. */
function lineAt(text: string, start: Position): { readonly text: string; readonly offset: number } | undefined {
  if (start.offset > text.length) return undefined
  const from = text.lastIndexOf('\n', start.offset - 1) + 1
  const to = text.indexOf('\n', start.offset)
  const line = text.slice(start.offset === 0 ? 0 : from, to === -1 ? text.length : to)
  return { text: line.endsWith('\r') ? line.slice(0, -1) : line, offset: start.offset === 0 ? 0 : from }
}

/** A very long line is shown from near the place on. */
function cut(
  line: { readonly text: string; readonly offset: number },
  start: Position,
  end: Position,
): { shown: string; before: string; marked: string } {
  const from = Math.min(start.offset - line.offset, line.text.length)
  const to = end.line === start.line ? Math.min(end.offset - line.offset, line.text.length) : line.text.length
  if (line.text.length <= LONGEST_LINE) return { shown: line.text, before: line.text.slice(0, from), marked: line.text.slice(from, to) }
  const left = from > LONGEST_LINE / 2 ? from - LONGEST_LINE / 4 : 0
  const right = Math.min(line.text.length, left + LONGEST_LINE)
  const lead = left > 0 ? '… ' : ''
  const shown = lead + line.text.slice(left, right) + (right < line.text.length ? ' …' : '')
  return { shown, before: lead + line.text.slice(left, from), marked: line.text.slice(from, Math.min(to, right)) }
}

const WIDE =
  /[\u1100-\u115f\u2e80-\u303e\u3041-\ua4cf\uac00-\ud7a3\uf900-\ufaff\ufe30-\ufe6f\uff00-\uff60\uffe0-\uffe6]|[\u{1f300}-\u{1faff}\u{20000}-\u{3fffd}]/u

const widthOf = (character: string): string => (/\p{M}/u.test(character) ? '' : WIDE.test(character) ? '  ' : ' ')

function columns(text: string): number {
  let count = 0
  for (const character of text) count += character === '\t' ? 1 : widthOf(character).length
  return count
}

/** What a terminal would obey (escape sequences, carriage returns, turned text) is shown as a replacement instead. */
const visible = (text: string): string => text.replace(/(?!\t)[\p{Cc}\p{Cs}\p{Bidi_Control}]/gu, '\ufffd')
