import { END, digitValue, isAsciiWordPart, isDecimal, isDigit, isHexadecimal, isLetter, isWordPart } from './characters.ts'
import type { LexProblem, LexProblemKind } from './problem.ts'
import {
  ADD,
  ASSIGN,
  BOOL,
  COMMA,
  COMMENT,
  EOF,
  FLOAT,
  HEREDOC,
  IDENT,
  ILLEGAL,
  LBRACE,
  LBRACK,
  NUMBER,
  PERIOD,
  RBRACE,
  RBRACK,
  STRING,
  SUB,
} from './token.ts'
import type { TokenKind } from './token.ts'
import { TokenTable } from './token-table.ts'

const REPLACEMENT = 0xfffd
const RESERVED = 0xe123
const LINE_FEED = 10
const QUOTE = 34

/**
 * HCL1's words, one at a time: the parser asks for the next when it needs it, because which problem the server reports depends
 * on how far it had read. A problem does not stop the lexer; the token it stands in is made all the same.
 *
 * Ordinary tokens run over UTF-16 units without a call per character. Whatever is rare (escapes, `${`, numbers with a letter,
 * characters that need a second look) goes through `#read`, which sees the text as the server does: one code point at a
 * time, `\r\n` as `\n`, and the end as a character that may be read again and again.
 */
export class Lexer {
  readonly tokens: TokenTable
  readonly problems: LexProblem[] = []
  /** Reads behind the end so far. */
  beyond = 0
  readonly #text: string
  #pos = 0
  #line = 1
  /** Start of the token being read. */
  #start = 0
  /** Where the last `#read` began, for `#unread`, and which character it saw. */
  #before = 0
  #beforeLine = 1
  #last = 0

  constructor(text: string) {
    this.#text = text
    this.tokens = new TokenTable(text.length >> 2)
  }

  /** Reads one more token and answers its index; at the end, EOF again and again. */
  scan(): number {
    const text = this.#text
    let pos = this.#pos
    let line = this.#line
    let code = text.charCodeAt(pos)
    while (code === 32 || code === LINE_FEED || code === 9 || code === 13) {
      if (code === LINE_FEED) line++
      code = text.charCodeAt(++pos)
    }
    this.#start = pos
    this.#pos = pos + 1
    this.#line = line
    const kind = this.#token(code)
    return this.tokens.push(kind, pos, this.#pos, line)
  }

  /** Takes the rest of a token whose first unit is already passed. */
  #token(code: number): TokenKind {
    switch (code) {
      case QUOTE:
        this.#string()
        return STRING
      case 61:
        return ASSIGN
      case 123:
        return LBRACE
      case 125:
        return RBRACE
      case 91:
        return LBRACK
      case 93:
        return RBRACK
      case 44:
        return COMMA
      case 35:
        this.#lineComment()
        return COMMENT
      case 47:
        this.#slash()
        return COMMENT
      case 60:
        this.#heredoc()
        return HEREDOC
      case 43:
        return ADD
      case 45:
        return isDecimal(this.#peek()) ? this.#number(this.#read()) : SUB
      case 46:
        return isDecimal(this.#peek()) ? this.#fractionAlone() : PERIOD
    }
    if (code < 128 && code > 0) {
      if (isLetter(code)) return this.#word()
      if (isDecimal(code)) return this.#number(code)
      this.#last = this.#start
      this.#problem('illegal-character')
      return ILLEGAL
    }
    this.#pos = this.#start
    return this.#uncommon()
  }

  /** A token that begins with no ASCII character: a word, or nothing that the language knows. */
  #uncommon(): TokenKind {
    const code = this.#read()
    if (code === END) return EOF
    if (isLetter(code)) return this.#word()
    this.#problem('illegal-character')
    return ILLEGAL
  }

  #word(): TokenKind {
    const text = this.#text
    let pos = this.#pos
    for (;;) {
      const code = text.charCodeAt(pos)
      if (isAsciiWordPart(code)) {
        pos++
        continue
      }
      this.#pos = pos
      if (code < 128 && code > 0) break
      const odd = this.#read()
      if (odd === END) break
      if (!isWordPart(odd)) {
        this.#unread()
        break
      }
      pos = this.#pos
    }
    const length = this.#pos - this.#start
    if (length === 4) return text.startsWith('true', this.#start) ? BOOL : IDENT
    return length === 5 && text.startsWith('false', this.#start) ? BOOL : IDENT
  }

  #string(): void {
    const text = this.#text
    let pos = this.#pos
    for (;;) {
      const code = text.charCodeAt(pos)
      if (code === QUOTE) {
        this.#pos = pos + 1
        return
      }
      // 36 is `$`, 92 the backslash; below 32 stand line ends, from 0xd800 on surrogates and the reserved character.
      if (code >= 32 && code < 0xd800 && code !== 36 && code !== 92) pos++
      else break
    }
    this.#pos = pos
    this.#stringWithCare()
  }

  /** Inside of `${` … `}` quotes and line ends are text and braces nest. */
  #stringWithCare(): void {
    let braces = 0
    for (;;) {
      const code = this.#read()
      if (code === END || (code === LINE_FEED && braces === 0)) return this.#problem('unfinished-string')
      if (code === QUOTE && braces === 0) return
      if (braces === 0 && code === 36 && this.#peek() === 123) {
        braces = 1
        this.#read()
      } else if (braces > 0 && code === 123) braces++
      if (braces > 0 && code === 125) braces--
      if (code === 92) this.#escape()
    }
  }

  #escape(): void {
    const code = this.#read()
    switch (code) {
      // a b f n r t v \ "
      case 97:
      case 98:
      case 102:
      case 110:
      case 114:
      case 116:
      case 118:
      case 92:
      case QUOTE:
        return
      case 120:
        return this.#digits(this.#read(), 16, 2)
      case 117:
        return this.#digits(this.#read(), 16, 4)
      case 85:
        return this.#digits(this.#read(), 16, 8)
    }
    if (code >= 48 && code <= 55) return this.#digits(code, 8, 3)
    this.#problem('illegal-escape')
  }

  #digits(first: number, base: number, wanted: number): void {
    let code = first
    let missing = wanted
    while (missing > 0 && code !== END && digitValue(code) < base) {
      code = this.#read()
      if (code === END) break
      missing--
    }
    if (missing > 0) this.#problem('illegal-escape')
    if (missing !== wanted && code !== END) this.#unread()
  }

  #lineComment(): void {
    const text = this.#text
    let pos = this.#pos
    for (;;) {
      const code = text.charCodeAt(pos)
      if ((code >= 32 && code < 0xd800) || code === 9) {
        pos++
        continue
      }
      this.#pos = pos
      if (code === LINE_FEED) return
      const odd = this.#read()
      if (odd === END) return
      if (odd === LINE_FEED) return this.#unread()
      pos = this.#pos
    }
  }

  #slash(): void {
    const next = this.#peek()
    if (next === 47) return this.#lineComment()
    if (next !== 42) {
      this.#last = this.#start
      return this.#problem('lone-slash')
    }
    this.#read()
    let code = this.#read()
    for (;;) {
      if (code === END) return this.#problem('unfinished-comment')
      const before = code
      code = this.#read()
      if (before === 42 && code === 47) return
    }
  }

  #heredoc(): void {
    if (this.#read() !== 60) return this.#problem('lone-less-than')
    const text = this.#text
    const anchorStart = this.#pos
    let code = this.#read()
    if (code === 45) code = this.#read()
    while (isLetter(code) || isDigit(code)) code = this.#read()
    if (code === END) return this.#problem('unfinished-heredoc')
    if (code === 13 && this.#peek() === LINE_FEED) code = this.#read()
    if (code !== LINE_FEED) return this.#problem('heredoc-anchor')
    const anchor = text.slice(anchorStart, this.#before)
    const indented = anchor.startsWith('-')
    if (anchor === '' || anchor === '-') return this.#problem('heredoc-empty-anchor')
    this.#heredocBody(indented ? anchor.slice(1) : anchor, indented)
  }

  #heredocBody(marker: string, indented: boolean): void {
    const text = this.#text
    let pos = this.#pos
    let lineStart = pos
    for (;;) {
      const code = text.charCodeAt(pos)
      if (code === LINE_FEED) {
        const lineEnd = text.charCodeAt(pos - 1) === 13 && pos > lineStart ? pos - 1 : pos
        this.#line++
        this.#pos = ++pos
        if (endsHeredoc(text, lineStart, lineEnd, marker, indented)) return
        lineStart = pos
      } else if ((code > 0 && code < 0xd800) || (code >= 0xe000 && code !== RESERVED)) pos++
      else {
        this.#pos = pos
        if (this.#read() === END) return this.#problem('unfinished-heredoc')
        pos = this.#pos
      }
    }
  }

  #number(first: number): TokenKind {
    if (first === 48) return this.#numberFromZero()
    const text = this.#text
    let pos = this.#pos
    while (isDecimal(text.charCodeAt(pos))) pos++
    this.#pos = pos
    // The server looks behind the digits twice, which shows in its columns at the end of the text.
    if (this.#read() !== END) this.#unread()
    return this.#numberTail(this.#read(), NUMBER)
  }

  #numberFromZero(): TokenKind {
    let code = this.#read()
    if (code === 120 || code === 88) {
      code = this.#read()
      const found = isHexadecimal(code)
      while (isHexadecimal(code)) code = this.#read()
      if (!found) this.#problem('illegal-hexadecimal')
      if (code !== END) this.#unread()
      return NUMBER
    }
    // An 8 or 9 is seen from the second digit on only; `08` passes here and fails when its value is asked for.
    let illegalOctal = false
    while (isDecimal(code)) {
      code = this.#read()
      if (code === 56 || code === 57) illegalOctal = true
    }
    if (illegalOctal && code !== 46 && code !== 101 && code !== 69) this.#problem('illegal-octal')
    return this.#numberTail(code, NUMBER)
  }

  /** What may follow the digits: an exponent, a fraction, or nothing. `code` was just read. */
  #numberTail(code: number, kind: TokenKind): TokenKind {
    if (code === 101 || code === 69) {
      this.#exponent()
      return FLOAT
    }
    if (code === 46) {
      const next = this.#mantissa(this.#peek())
      if (next === 101 || next === 69) {
        this.#read()
        this.#exponent()
      }
      return FLOAT
    }
    if (code !== END) this.#unread()
    return kind
  }

  /** Behind an `e`. A character that is neither sign nor digit is swallowed, as the server does. */
  #exponent(): void {
    let code = this.#read()
    if (code === 45 || code === 43) code = this.#read()
    this.#mantissa(code)
  }

  /** Digits, beginning with one that was read or only seen; answers the first that is none, unread. */
  #mantissa(first: number): number {
    let code = first
    if (!isDecimal(code)) return code
    while (isDecimal(code)) code = this.#read()
    if (code !== END) this.#unread()
    return code
  }

  /** `.5`: an exponent behind it is cut after its `e`, as the server does. */
  #fractionAlone(): TokenKind {
    const next = this.#mantissa(this.#peek())
    if (next === 101 || next === 69) this.#mantissa(this.#read())
    return FLOAT
  }

  /** The next code point, taken. */
  #read(): number {
    const text = this.#text
    let pos = this.#pos
    this.#before = pos
    this.#beforeLine = this.#line
    if (pos >= text.length) {
      this.#last = text.length
      this.beyond++
      return END
    }
    let code = text.charCodeAt(pos)
    if (code === 13 && text.charCodeAt(pos + 1) === LINE_FEED) {
      pos++
      code = LINE_FEED
    }
    this.#last = pos
    this.#pos = pos + 1
    if (code >= 32 && code < 0xd800) return code
    if (code === LINE_FEED) this.#line++
    else if (code === 0) {
      this.#problem('null-character')
      return END
    } else if (code === RESERVED) {
      this.#problem('reserved-character')
      return REPLACEMENT
    } else if (code >= 0xd800 && code <= 0xdfff) {
      const whole = text.codePointAt(pos) as number
      if (whole <= 0xffff) {
        this.#problem('illegal-encoding')
        return REPLACEMENT
      }
      this.#pos = pos + 2
      return whole
    }
    return code
  }

  #unread(): void {
    this.#pos = this.#before
    this.#line = this.#beforeLine
  }

  /** The next code unit, not taken; good enough to compare with ASCII. */
  #peek(): number {
    const code = this.#text.charCodeAt(this.#pos)
    return code === 13 && this.#text.charCodeAt(this.#pos + 1) === LINE_FEED ? LINE_FEED : code
  }

  #problem(kind: LexProblemKind): void {
    this.problems.push({ kind, start: this.#start, at: this.#last, beyond: this.#last >= this.#text.length ? this.beyond : 0 })
  }
}

/**
 * A line ends its heredoc when it holds nothing but the marker, which may be indented. With `<<-` the server compares the
 * line's length with the marker's *including* the dash, so an unindented marker does not end it.
 */
function endsHeredoc(text: string, start: number, end: number, marker: string, indented: boolean): boolean {
  if (indented && end - start <= marker.length) return false
  let last = end
  while (last > start && text.charCodeAt(last - 1) === 13) last--
  // A lone `\r` behind the opening anchor belongs to the marker.
  const bare = marker.endsWith('\r') ? marker.slice(0, -1) : marker
  if (bare !== marker && last === end) return false
  const at = last - bare.length
  if (at < start || !text.startsWith(bare, at)) return false
  for (let i = start; i < at; i++) {
    const code = text.charCodeAt(i)
    if (code !== 32 && (code < 9 || code > 13)) return false
  }
  return true
}
