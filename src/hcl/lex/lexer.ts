import { END, isAsciiWordPart, isDecimal, isLetter, isWordPart } from './characters.ts'
import { readLineComment, readSlash } from './comment.ts'
import { readHeredoc } from './heredoc.ts'
import { readFraction, readNumber } from './number.ts'
import { LINE_FEED, QUOTE, Reader } from './reader.ts'
import { readString } from './string.ts'
import {
  ADD,
  ASSIGN,
  BOOL,
  COMMA,
  COMMENT,
  EOF,
  HEREDOC,
  IDENT,
  ILLEGAL,
  LBRACE,
  LBRACK,
  PERIOD,
  RBRACE,
  RBRACK,
  STRING,
  SUB,
  type TokenKind,
} from './token.ts'
import { TokenTable } from './token-table.ts'

/**
 * HCL1's words, one at a time: the parser asks for the next when it needs it, because which problem the server reports depends
 * on how far it had read. A problem does not stop the lexer; the token it stands in is made all the same.
 */
export class Lexer {
  readonly tokens: TokenTable
  readonly reader: Reader

  constructor(text: string) {
    this.tokens = new TokenTable(text.length >> 2)
    this.reader = new Reader(text, true)
  }

  /** Reads one more token and answers its index; at the end, EOF again and again. */
  scan(): number {
    const { reader } = this
    const { text } = reader
    let { pos, line } = reader
    let code = text.charCodeAt(pos)
    while (code === 32 || code === LINE_FEED || code === 9 || code === 13) {
      if (code === LINE_FEED) line++
      code = text.charCodeAt(++pos)
    }
    reader.start = pos
    reader.pos = pos + 1
    reader.line = line
    const kind = readToken(reader, code)
    return this.tokens.push(kind, pos, reader.pos, line)
  }
}

/** Takes the rest of a token whose first unit is already passed. */
function readToken(reader: Reader, code: number): TokenKind {
  switch (code) {
    case QUOTE:
      readString(reader)
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
      readLineComment(reader)
      return COMMENT
    case 47:
      readSlash(reader)
      return COMMENT
    case 60:
      readHeredoc(reader)
      return HEREDOC
    case 43:
      return ADD
    case 45:
      return isDecimal(reader.peek()) ? readNumber(reader, reader.read()) : SUB
    case 46:
      return isDecimal(reader.peek()) ? readFraction(reader) : PERIOD
  }
  if (code > 0 && code < 128) {
    if (isLetter(code)) return readWord(reader)
    if (isDecimal(code)) return readNumber(reader, code)
  }
  reader.pos = reader.start
  return readUncommon(reader)
}

/** A token that begins with no ASCII character of the language: a word, the end, or nothing that is known. */
function readUncommon(reader: Reader): TokenKind {
  const code = reader.read()
  if (code === END) return EOF
  if (isLetter(code)) return readWord(reader)
  reader.problem('illegal-character')
  return ILLEGAL
}

function readWord(reader: Reader): TokenKind {
  const { text, start } = reader
  let { pos } = reader
  for (;;) {
    const code = text.charCodeAt(pos)
    if (isAsciiWordPart(code)) {
      pos++
      continue
    }
    reader.pos = pos
    if (code > 0 && code < 128) break
    const odd = reader.read()
    if (odd === END) break
    if (!isWordPart(odd)) {
      reader.unread()
      break
    }
    pos = reader.pos
  }
  const length = reader.pos - start
  if (length === 4) return text.startsWith('true', start) ? BOOL : IDENT
  return length === 5 && text.startsWith('false', start) ? BOOL : IDENT
}
