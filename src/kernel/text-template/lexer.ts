import { KEYWORDS, type Token, type TokenKind } from './token.ts'

const NUMBER =
  /[+-]?(?:0[xX][\da-fA-F_]*(?:\.[\da-fA-F_]*)?(?:[pP][+-]?\d[\d_]*)?|0[bB][01_]*|0[oO][0-7_]*|[\d_]*(?:\.[\d_]*)?(?:[eE][+-]?[\d_]*)?)i?/y
const WORD = /[\p{L}\p{Nd}_]+/uy
const SPACES = /[ \t\r\n]+/y
const QUOTED = /"(?:[^"\\\n]|\\[^\n])*"/y
const CHARACTER = /'(?:[^'\\\n]|\\[^\n])*'/y
const isSpace = (character: string | undefined): boolean => character !== undefined && ' \t\r\n'.includes(character)

/** Cuts a template into tokens. The first thing that is wrong ends the list with an error token, which the parser meets in turn. */
export function tokensOf(text: string): readonly Token[] {
  return new Lexer(text).all()
}

class Lexer {
  readonly #text: string
  readonly #tokens: Token[] = []
  #at = 0
  #depth = 0

  constructor(text: string) {
    this.#text = text
  }

  all(): readonly Token[] {
    let goesOn = true
    while (goesOn) goesOn = this.#textThenAction()
    return this.#tokens
  }

  /** What stands before the next `{{`, and that action; false at the end or after an error. */
  #textThenAction(): boolean {
    const open = this.#text.indexOf('{{', this.#at)
    const plain = this.#text.slice(this.#at, open < 0 ? undefined : open)
    const trims = open >= 0 && this.#text[open + 2] === '-' && isSpace(this.#text[open + 3])
    const kept = trims ? plain.replace(/[ \t\r\n]+$/, '') : plain
    if (kept !== '') this.#push('text', kept)
    if (open < 0) {
      this.#at = this.#text.length
      this.#push('end', '')
      return false
    }
    this.#at = open
    const inside = open + 2 + (trims ? 2 : 0)
    if (this.#text.startsWith('/*', inside)) return this.#comment(inside)
    this.#push('open', '{{')
    this.#at = inside
    this.#depth = 0
    return this.#action()
  }

  #comment(from: number): boolean {
    const end = this.#text.indexOf('*/', from + 2)
    if (end < 0) return this.#fail('unclosed comment')
    this.#at = end + 2
    const close = this.#closing()
    return close === undefined ? this.#fail('comment ends before closing delimiter') : this.#leave(close)
  }

  /** Is this `}}` or ` -}}`? How long it is. */
  #closing(): number | undefined {
    if (this.#text.startsWith('}}', this.#at)) return 2
    return isSpace(this.#text[this.#at]) && this.#text.startsWith('-}}', this.#at + 1) ? 4 : undefined
  }

  #leave(length: number): boolean {
    this.#at += length
    if (length === 4) while (isSpace(this.#text[this.#at])) this.#at++
    return true
  }

  #action(): boolean {
    for (;;) {
      const close = this.#closing()
      if (close !== undefined) {
        if (this.#depth > 0) return this.#fail('unclosed left paren')
        this.#tokens.push({ kind: 'close', text: '}}', at: this.#at + close - 2 })
        return this.#leave(close)
      }
      if (!this.#inside()) return false
    }
  }

  #inside(): boolean {
    const code = this.#text.codePointAt(this.#at)
    if (code === undefined) return this.#fail('unclosed action')
    const first = String.fromCodePoint(code)
    if (isSpace(first)) return this.#spaces()
    if (first === '"') return this.#take('string', QUOTED, 'unterminated quoted string')
    if (first === "'") return this.#take('char', CHARACTER, 'unterminated character constant')
    if (first === '`') return this.#raw()
    if (first === '$') return this.#named('variable', 'variable')
    if (first === '.' && !/\d/.test(this.#text[this.#at + 1] ?? '')) return this.#named('field', 'dot')
    if (/[.+\-\d]/.test(first)) return this.#number()
    if (/[\p{L}_]/u.test(first) || /\p{Nd}/u.test(first)) return this.#word()
    return this.#mark(first, code)
  }

  /** A blank before `-}}` belongs to that. */
  #spaces(): boolean {
    const run = this.#run(SPACES)
    const before = this.#at + run.length - 1
    const marked = this.#text.startsWith('-}}', before + 1)
    const kept = marked ? run.slice(0, -1) : run
    if (kept !== '') this.#push('space', kept)
    this.#at += kept.length
    return true
  }

  #take(kind: TokenKind, pattern: RegExp, missing: string): boolean {
    const found = this.#run(pattern)
    if (found === '') return this.#fail(missing)
    this.#push(kind, found)
    this.#at += found.length
    return true
  }

  #raw(): boolean {
    const end = this.#text.indexOf('`', this.#at + 1)
    if (end < 0) return this.#fail('unterminated raw quoted string')
    this.#push('string', this.#text.slice(this.#at, end + 1))
    this.#at = end + 1
    return true
  }

  /** `.name` and `$name`, or the sign alone. */
  #named(kind: TokenKind, alone: TokenKind): boolean {
    const start = this.#at
    this.#at++
    const name = this.#run(WORD)
    const end = this.#at + name.length
    this.#at = start
    const bad = this.#unexpectedAt(end)
    if (bad !== undefined) return this.#fail(bad)
    this.#push(name === '' ? alone : kind, this.#text.slice(start, end))
    this.#at = end
    return true
  }

  #number(): boolean {
    const found = this.#run(NUMBER)
    WORD.lastIndex = this.#at + found.length
    const next = WORD.test(this.#text) ? (this.#text[this.#at + found.length] as string) : ''
    if (next !== '' || !/\d/.test(found)) return this.#fail(`bad number syntax: ${JSON.stringify(found + next)}`)
    this.#push('number', found)
    this.#at += found.length
    return true
  }

  #word(): boolean {
    const word = this.#run(WORD)
    const bad = this.#unexpectedAt(this.#at + word.length)
    if (bad !== undefined) return this.#fail(bad)
    const kind = KEYWORDS.has(word) ? 'keyword' : word === 'nil' ? 'nil' : word === 'true' || word === 'false' ? 'bool' : 'word'
    this.#push(kind, word)
    this.#at += word.length
    return true
  }

  #mark(first: string, code: number): boolean {
    if (first === ':' && this.#text[this.#at + 1] !== '=') return this.#fail('expected :=')
    if (first === ')' && this.#depth === 0) return this.#fail('unexpected right paren')
    if (code < 32 || code > 126) return this.#fail(`unrecognized character in action: ${shown(first)}`)
    if (first === '(') this.#depth++
    if (first === ')') this.#depth--
    const text = first === ':' ? ':=' : first
    this.#push('mark', text)
    this.#at += text.length
    return true
  }

  /** A name must be followed by what can follow one. */
  #unexpectedAt(at: number): string | undefined {
    const code = this.#text.codePointAt(at)
    if (code === undefined || this.#text.startsWith('}}', at)) return undefined
    const next = String.fromCodePoint(code)
    return isSpace(next) || '.,|:()'.includes(next) ? undefined : `bad character ${shown(next)}`
  }

  #run(pattern: RegExp): string {
    pattern.lastIndex = this.#at
    return pattern.exec(this.#text)?.[0] ?? ''
  }

  #push(kind: TokenKind, text: string): void {
    this.#tokens.push({ kind, text, at: this.#at })
  }

  #fail(message: string): false {
    this.#push('error', message)
    return false
  }
}

/** As Go's %#U. */
const shown = (character: string): string =>
  `U+${(character.codePointAt(0) ?? 0).toString(16).toUpperCase().padStart(4, '0')}${/[\p{C}\p{Z}]/u.test(character) ? '' : ` '${character}'`}`
