import type { SourceFile, SourcePosition, SourceRange } from '../../kernel/index.ts'

const LINE_FEED = 10
/** Units between two counted places of a text with long lines. */
const STEP = 128

/**
 * Offsets to lines and columns, computed when first asked: most texts have nothing to report. Only `\n` ends a line (a lone
 * `\r` is a blank to the server), and columns count code points. A text of one endless line costs no more than another: its
 * code points are counted once, in steps.
 */
export class LineIndex {
  readonly #source: SourceFile
  #starts: number[] | undefined
  /** The line that was asked for last: most are asked for in text order. */
  #recent = 0
  /** Code points before each step. */
  #steps: Int32Array | undefined

  constructor(source: SourceFile) {
    this.#source = source
  }

  position(offset: number): SourcePosition {
    const line = this.#line(offset)
    const start = this.#starts?.[line] ?? 0
    const { text } = this.#source
    const column = offset - start < 2 * STEP ? codePoints(text, start, offset) : this.#before(offset) - this.#before(start)
    return { line: line + 1, column: column + 1, offset }
  }

  range(start: number, end: number): SourceRange {
    return { file: this.#source.name, start: this.position(start), end: this.position(end) }
  }

  /** Index of the line that an offset stands in. */
  #line(offset: number): number {
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
    return low
  }

  #before(offset: number): number {
    const steps = (this.#steps ??= countedSteps(this.#source.text))
    const step = Math.floor(offset / STEP)
    return (steps[step] as number) + codePoints(this.#source.text, step * STEP, offset)
  }
}

function lineStarts(text: string): number[] {
  const starts = [0]
  for (let at = text.indexOf('\n'); at !== -1; at = text.indexOf('\n', at + 1)) starts.push(at + 1)
  return starts
}

function countedSteps(text: string): Int32Array {
  const steps = new Int32Array(Math.floor(text.length / STEP) + 1)
  for (let step = 1; step < steps.length; step++)
    steps[step] = (steps[step - 1] as number) + codePoints(text, (step - 1) * STEP, step * STEP)
  return steps
}

/** How many code points begin in a piece of text; the second half of a pair begins none. */
function codePoints(text: string, from: number, to: number): number {
  let count = 0
  for (let at = from; at < to; at++) {
    const unit = text.charCodeAt(at)
    if (unit >= 0xdc00 && unit <= 0xdfff && isHighSurrogate(text.charCodeAt(at - 1))) continue
    // The `\r` of a `\r\n` is no character of its own: the server drops it before it reads.
    if (unit === 13 && text.charCodeAt(at + 1) === LINE_FEED) continue
    count++
  }
  return count
}

const isHighSurrogate = (unit: number): boolean => unit >= 0xd800 && unit <= 0xdbff
