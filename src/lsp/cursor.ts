/**
 * Where in a policy text somebody is writing. A text under the cursor seldom parses, so this looks only at what stands before it:
 * brackets, strings, comments, and the words that opened each body.
 */
export interface Cursor {
  /** In a string: where its content begins, and that content up to the cursor. */
  readonly string: { readonly start: number; readonly text: string } | undefined
  readonly isComment: boolean
  /** The words that opened the bodies around, outermost first: `[['path', 'secret/x'], ['control_group']]`. */
  readonly bodies: readonly (readonly string[])[]
  /** The words of the statement so far: `['capabilities']`; behind `=`, `isValue` holds. */
  readonly words: readonly string[]
  readonly isValue: boolean
  /** In a list: what it has so far. */
  readonly list: readonly string[] | undefined
  /** Keys that are already set in the innermost body, before the cursor. */
  readonly set: ReadonlySet<string>
}

interface Frame {
  readonly opener: '{' | '['
  readonly words: readonly string[]
  readonly items: string[]
  readonly set: Set<string>
}

const TOKEN =
  /(?<comment>#[^\n]*|\/\/[^\n]*|\/\*[^]*?(?:\*\/|$))|(?<string>"(?:[^"\\\n]|\\.)*(?:"|(?=\n)|$))|(?<heredoc><<-?(?<mark>\w+)[^]*?(?:\n\s*\k<mark>(?=\n|$)|$))|(?<word>[\p{L}\p{N}_.-]+)|(?<punctuation>[{}[\]=,:\n])/gu

export function cursorAt(text: string, offset: number): Cursor {
  const scan = new Scan()
  for (const match of text.slice(0, offset).matchAll(TOKEN)) scan.take(match, offset)
  return scan.cursor()
}

class Scan {
  readonly #frames: Frame[] = [{ opener: '{', words: [], items: [], set: new Set() }]
  #words: string[] = []
  #isValue = false
  #string: Cursor['string']
  #isComment = false

  take({ 0: token, index, groups = {} }: RegExpExecArray, offset: number): void {
    const isLast = index + token.length === offset
    this.#string = undefined
    this.#isComment = groups['comment'] !== undefined && isLast && !(token.length > 3 && token.endsWith('*/'))
    if (groups['string'] !== undefined) this.#takeString(token, index, isLast)
    else if (groups['word'] !== undefined) this.#takeWord(token)
    else if (groups['punctuation'] !== undefined) this.#takeMark(token)
  }

  cursor(): Cursor {
    const { opener, items, set } = this.#top
    const bodies = this.#frames.slice(1).flatMap(it => (it.opener === '{' ? [it.words] : []))
    const words = opener === '[' ? this.#top.words : this.#words
    return {
      string: this.#string,
      isComment: this.#isComment,
      bodies,
      words,
      isValue: opener === '[' || this.#isValue,
      list: opener === '[' ? items : undefined,
      set,
    }
  }

  get #top(): Frame {
    return this.#frames.at(-1) as Frame
  }

  #takeString(token: string, index: number, isLast: boolean): void {
    const isOpen = token.length === 1 || !token.endsWith('"') || /(?<!\\)(?:\\\\)*\\"$/.test(token)
    if (isOpen && isLast) this.#string = { start: index + 1, text: token.slice(1) }
    else this.#takeWord(isOpen ? token.slice(1) : token.slice(1, -1))
  }

  #takeWord(word: string): void {
    if (this.#top.opener === '[') this.#top.items.push(word)
    else if (!this.#isValue) this.#words.push(word)
  }

  #takeMark(mark: string): void {
    if (mark === '{' || mark === '[') {
      this.#note()
      this.#frames.push({ opener: mark, words: this.#words, items: [], set: new Set() })
      this.#reset()
    } else if (mark === '}' || mark === ']') {
      if (this.#frames.length > 1) this.#frames.pop()
      this.#reset()
      this.#isValue = mark === ']'
    } else if (mark === '=' || mark === ':') {
      this.#note()
      this.#isValue = true
    } else if (this.#top.opener === '{' && (mark === '\n' || mark === ',') && this.#isValue) this.#reset()
  }

  #note(): void {
    const [key] = this.#words
    if (key !== undefined) this.#top.set.add(key)
  }

  #reset(): void {
    this.#words = []
    this.#isValue = false
  }
}
