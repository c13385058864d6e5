/**
 * Takes the statements of a role apart, and puts names, passwords and times into them, each by the rules of the place where it stands:
 * no character of a value can end the quotes around it, whoever chose the value (the name of a token or of a role is part of a
 * user's name). Where nothing can be escaped (outside of quotes, in a comment), only a value that needs no escaping is let through.
 *
 * See https://dev.mysql.com/doc/refman/8.4/en/string-literals.html: a backslash escapes inside of quotes, unless the session says
 * otherwise; what is written here is safe in either case.
 */
import { statementTexts } from '../../plugin/index.ts'

export interface Filling {
  readonly name: string
  readonly password?: string
  readonly expiration?: string
}

/** One part of a statement: a text in single or double quotes, an identifier in backticks, a comment. */
const PART = /'(?:[^'\\]|\\.|'')*(?:'|$)|"(?:[^"\\]|\\.|"")*(?:"|$)|`(?:[^`]|``)*(?:`|$)|--(?=\s|$)[^\n]*|#[^\n]*|\/\*.*?(?:\*\/|$)/gs
const HOLDER = /\{\{(name|username|password|expiration)\}\}/g

type Piece = { readonly text: string; readonly isPlain: boolean }

function piecesOf(text: string): readonly Piece[] {
  const pieces: Piece[] = []
  let at = 0
  for (const part of text.matchAll(PART)) {
    pieces.push({ text: text.slice(at, part.index), isPlain: true }, { text: part[0], isPlain: false })
    at = part.index + part[0].length
  }
  return [...pieces, { text: text.slice(at), isPlain: true }]
}

/**
 * The statements one by one, filled: the server is given one at a time, so that a value can never add another. A semicolon inside
 * of quotes separates nothing.
 * @throws Error that names the place, never the value
 */
export function filledStatements(statements: readonly string[], filling: Filling): readonly string[] {
  return statementTexts(statements).flatMap(text => {
    const made = ['']
    const add = (it: string): void => void (made[made.length - 1] += it)
    for (const { text: piece, isPlain } of piecesOf(text)) {
      if (!isPlain) add(inPart(piece, filling))
      else {
        for (const [i, it] of piece.split(';').entries()) {
          if (i > 0) made.push('')
          add(inPlain(it, filling))
        }
      }
    }
    return made.map(it => it.trim()).filter(it => it !== '')
  })
}

function inPart(part: string, filling: Filling): string {
  const quote = part[0] as string
  if (quote === '`') return put(part, filling, value => value.replaceAll('`', '``'))
  if (quote === "'" || quote === '"') return put(part, filling, value => value.replaceAll('\\', '\\\\').replaceAll(quote, quote + quote))
  return inPlain(part, filling)
}

/** Letters, digits and what can stand in a name or a time without meaning anything, but no comment. */
const PLAIN = /^(?!.*--)[\p{L}\p{N}_.@:+ -]*$/u

function inPlain(text: string, filling: Filling): string {
  return put(text, filling, (value, holder) => {
    if (PLAIN.test(value)) return value
    throw new Error(`{{${holder}}} stands outside of quotes in a statement, and its value is not safe there: put quotes around it`)
  })
}

function put(text: string, filling: Filling, escape: (value: string, holder: string) => string): string {
  return text.replace(HOLDER, (whole, holder: 'name' | 'username' | 'password' | 'expiration') => {
    const value = filling[holder === 'username' ? 'name' : holder]
    if (value === undefined) return whole
    if (value.includes('\0')) throw new Error(`{{${holder}}} has a zero byte`)
    return escape(value, holder)
  })
}
