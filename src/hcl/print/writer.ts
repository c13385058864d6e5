const INDENT = '  '

/**
 * Text with indentation: every line that is not empty gets the current depth in front, when its first character comes. Lines
 * that must keep their own columns are written `verbatim`.
 */
export class Writer {
  depth = 0
  #out = ''
  #atLineStart = true
  #indents: string[] = ['']

  /** Without a line break inside. */
  text(text: string): void {
    if (text === '') return
    if (this.#atLineStart) {
      this.#out += this.#indent()
      this.#atLineStart = false
    }
    this.#out += text
  }

  newline(): void {
    this.#out += '\n'
    this.#atLineStart = true
  }

  /** May hold line breaks; each line is indented. */
  lines(text: string): void {
    for (let from = 0; ;) {
      const end = text.indexOf('\n', from)
      if (end === -1) return this.text(from === 0 ? text : text.slice(from))
      this.text(text.slice(from, end))
      this.newline()
      from = end + 1
    }
  }

  /** May hold line breaks; lines from the second on keep their own columns. */
  verbatim(text: string): void {
    this.text(text)
    if (text.endsWith('\n')) this.#atLineStart = true
  }

  blanks(count: number): void {
    if (count > 0) this.text(count === 1 ? ' ' : ' '.repeat(count))
  }

  /** What was written so far. */
  result(): string {
    return this.#out
  }

  #indent(): string {
    return (this.#indents[this.depth] ??= INDENT.repeat(this.depth))
  }
}
