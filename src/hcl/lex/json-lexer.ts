import { END, isDecimal, isDigit, isLetter } from './characters.ts'
import { readFraction, readJsonNumber } from './number.ts'
import { LINE_FEED, QUOTE, Reader } from './reader.ts'
import { readJsonString } from './string.ts'
import { BOOL, COLON, COMMA, EOF, ILLEGAL, LBRACE, LBRACK, NULL, PERIOD, RBRACE, RBRACK, STRING, type TokenKind } from './token.ts'
import { TokenTable } from './token-table.ts'

/** The words of the server's JSON form: JSON's own with Go's escapes, a few more numbers, and no comments. */
export class JsonLexer {
  readonly tokens: TokenTable
  readonly reader: Reader

  constructor(text: string) {
    this.tokens = new TokenTable(text.length >> 2)
    this.reader = new Reader(text, false)
  }

  scan(): number {
    const { reader } = this
    const { text } = reader
    let code = text.charCodeAt(reader.pos)
    while (code === 32 || code === LINE_FEED || code === 9 || code === 13) {
      if (code === LINE_FEED) reader.line++
      code = text.charCodeAt(++reader.pos)
    }
    reader.start = reader.pos
    const { start, line } = reader
    const kind = readToken(reader, reader.read())
    return this.tokens.push(kind, start, reader.pos, line)
  }
}

function readToken(reader: Reader, code: number): TokenKind {
  switch (code) {
    case END:
      return EOF
    case QUOTE:
      readJsonString(reader)
      return STRING
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
    case 58:
      return COLON
    case 46:
      return isDecimal(reader.peek()) ? readFraction(reader) : PERIOD
    case 45:
      if (isDecimal(reader.peek())) return readJsonNumber(reader, reader.read())
      reader.problem('illegal-character')
      return ILLEGAL
  }
  if (isLetter(code)) return readWord(reader)
  if (isDecimal(code)) return readJsonNumber(reader, code)
  reader.problem('named-character')
  return ILLEGAL
}

/** `true`, `false`, `null`; any other word is illegal at its last letter. */
function readWord(reader: Reader): TokenKind {
  const { start, text, beyond } = reader
  let lastLetter = reader.last
  let code = reader.read()
  while (isLetter(code) || isDigit(code) || code === 45) {
    lastLetter = reader.last
    code = reader.read()
  }
  if (code !== END) reader.unread()
  const word = text.slice(start, reader.pos)
  if (word === 'true' || word === 'false') return BOOL
  if (word === 'null') return NULL
  if (reader.beyond === beyond && code !== END) reader.last = lastLetter
  reader.problem('illegal-character')
  return ILLEGAL
}
