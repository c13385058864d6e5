import type { SourceFile, SourcePosition, SourceRange } from '../../kernel/index.ts'

const NEWLINE = 10

/**
 * Offsets to lines and columns, computed when first asked: most texts have nothing to report. Only `\n` ends a line (a lone
 * `\r` is a blank to the server), and columns count code points.
 */
export class LineIndex {
  readonly #source: SourceFile
  #starts: number[] | undefined
  /** The line that was asked for last: most are asked for in text order. */
  #recent = 0

  constructor(source: SourceFile) {
    this.#source = source
  }

  position(offset: number): SourcePosition {
    const starts = (this.#starts ??= lineStarts(this.#source.text))
    let low = this.#recent
    let high = starts.length - 1
    if ((starts[low] as number) > offset) {
      high = low
      low = 0
    } else if (low + 1 < starts.length && offset < (starts[low + 1] as number)) high = low
    while (low < high) {
      const middle = (low + high + 1) >> 1
      if ((starts[middle] as number) <= offset) low = middle
      else high = middle - 1
    }
    this.#recent = low
    return { line: low + 1, column: codePoints(this.#source.text, starts[low] as number, offset) + 1, offset }
  }

  range(start: number, end: number): SourceRange {
    return { file: this.#source.name, start: this.position(start), end: this.position(end) }
  }
}

function lineStarts(text: string): number[] {
  const starts = [0]
  for (let at = text.indexOf('\n'); at !== -1; at = text.indexOf('\n', at + 1)) starts.push(at + 1)
  return starts
}

/** How many code points stand in a piece of text; the second half of a pair is not one of its own. */
export function codePoints(text: string, from: number, to: number): number {
  let count = 0
  for (let at = from; at < to; at++) {
    const unit = text.charCodeAt(at)
    if (unit >= 0xdc00 && unit <= 0xdfff && at > from && isHighSurrogate(text.charCodeAt(at - 1))) continue
    // The `\r` of a `\r\n` is no character of its own: the server drops it before it reads.
    if (unit === 13 && text.charCodeAt(at + 1) === NEWLINE) continue
    count++
  }
  return count
}

const isHighSurrogate = (unit: number): boolean => unit >= 0xd800 && unit <= 0xdbff
