import { END } from './characters.ts'
import type { LexProblem, LexProblemKind } from './problem.ts'

const REPLACEMENT = 0xfffd
const RESERVED = 0xe123
export const LINE_FEED = 10
export const QUOTE = 34

/**
 * A text as the server reads it: one code point at a time, `\r\n` as `\n`, and the end as a character that may be read again and
 * again. Ordinary tokens do without it: they run over UTF-16 units of `text` from `pos` and set `pos` when done. Whatever is
 * rare (escapes, `${`, odd characters) comes here, where the exact place of a problem is known.
 */
export class Reader {
  readonly text: string
  readonly problems: LexProblem[] = []
  pos = 0
  line = 1
  /** Where the token begins that is being read. */
  start = 0
  /** The character that was read last; the text's length for its end. */
  last = 0
  /** Where the last read began: at the `\r` of a `\r\n`. */
  before = 0
  /** Reads behind the end so far. */
  beyond = 0
  /** JSON's reader takes a null character for the end without a word, and knows no reserved one. */
  readonly #strict: boolean
  #beforeLine = 1

  constructor(text: string, strict: boolean) {
    this.text = text
    this.#strict = strict
  }

  /** The next code point, taken; `END` at the end and for a null character. */
  read(): number {
    const { text } = this
    let { pos } = this
    this.before = pos
    this.#beforeLine = this.line
    if (pos >= text.length) {
      this.last = text.length
      this.beyond++
      return END
    }
    let code = text.charCodeAt(pos)
    if (code === 13 && text.charCodeAt(pos + 1) === LINE_FEED) {
      pos++
      code = LINE_FEED
    }
    this.last = pos
    this.pos = pos + 1
    if (code >= 32 && code < 0xd800) return code
    if (code === LINE_FEED) this.line++
    else if (code === 0) return this.#null()
    else if (code === RESERVED && this.#strict) {
      this.problem('reserved-character')
      return REPLACEMENT
    } else if (code >= 0xd800 && code <= 0xdfff) return this.#surrogate(pos)
    return code
  }

  /** Gives back what `read` took; only once, and not the end. */
  unread(): void {
    this.pos = this.before
    this.line = this.#beforeLine
  }

  /** The next code unit, not taken; good enough to compare with ASCII. */
  peek(): number {
    const code = this.text.charCodeAt(this.pos)
    return code === 13 && this.text.charCodeAt(this.pos + 1) === LINE_FEED ? LINE_FEED : code
  }

  problem(kind: LexProblemKind): void {
    this.problems.push({ kind, start: this.start, at: this.last, beyond: this.last >= this.text.length ? this.beyond : 0 })
  }

  #null(): number {
    if (this.#strict) this.problem('null-character')
    return END
  }

  #surrogate(pos: number): number {
    const whole = this.text.codePointAt(pos) as number
    if (whole > 0xffff) {
      this.pos = pos + 2
      return whole
    }
    this.problem('illegal-encoding')
    return REPLACEMENT
  }
}
