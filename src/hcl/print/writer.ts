import { Buffer } from 'node:buffer'

const INDENT = 2
const LINE_FEED = 10
const BLANK = 32

/**
 * Text with indentation: every line that is not empty gets the current depth in front, when its first character comes. Lines
 * that must keep their own columns are written `verbatim`. Bytes are collected, not strings: joining hundreds of thousands of
 * short pieces costs more than everything else the printer does.
 */
export class Writer {
  depth = 0
  #bytes: Buffer
  #length = 0
  #atLineStart = true

  constructor(expected: number) {
    this.#bytes = Buffer.allocUnsafe(Math.max(256, expected))
  }

  /** A piece of a text, without a line break inside. */
  copy(text: string, from: number, to: number): void {
    if (from === to) return
    this.#startLine()
    this.#take(text, from, to)
  }

  /** Without a line break inside. */
  text(text: string): void {
    this.copy(text, 0, text.length)
  }

  newline(): void {
    this.#reserve(1)
    this.#bytes[this.#length++] = LINE_FEED
    this.#atLineStart = true
  }

  /** May hold line breaks; each line is indented. */
  lines(text: string): void {
    for (let from = 0; ;) {
      const end = text.indexOf('\n', from)
      if (end === -1) return this.copy(text, from, text.length)
      this.copy(text, from, end)
      this.newline()
      from = end + 1
    }
  }

  /** May hold line breaks; lines from the second on keep their own columns. */
  verbatim(text: string): void {
    this.copy(text, 0, text.length)
    if (text.endsWith('\n')) this.#atLineStart = true
  }

  blanks(count: number): void {
    if (count <= 0) return
    this.#startLine()
    this.#fill(count)
  }

  /** What was written so far. */
  result(): string {
    return this.#bytes.toString('utf8', 0, this.#length)
  }

  #startLine(): void {
    if (!this.#atLineStart) return
    this.#atLineStart = false
    this.#fill(this.depth * INDENT)
  }

  #fill(count: number): void {
    this.#reserve(count)
    const bytes = this.#bytes
    let length = this.#length
    for (let i = 0; i < count; i++) bytes[length++] = BLANK
    this.#length = length
  }

  #take(text: string, from: number, to: number): void {
    this.#reserve(3 * (to - from))
    const bytes = this.#bytes
    let length = this.#length
    for (let at = from; at < to; at++) {
      const unit = text.charCodeAt(at)
      if (unit > 127) {
        length += bytes.write(text.slice(at, to), length)
        break
      }
      bytes[length++] = unit
    }
    this.#length = length
  }

  #reserve(count: number): void {
    if (this.#length + count <= this.#bytes.length) return
    const larger = Buffer.allocUnsafe(2 * this.#bytes.length + count)
    this.#bytes.copy(larger, 0, 0, this.#length)
    this.#bytes = larger
  }
}
