/**
 * Puts names, passwords and times into a statement of the role's author, each by the rules of the place where it stands: between
 * double quotes it is part of an identifier, between single ones of a literal. So no character of a value can end the quotes
 * around it, whoever chose the value: the name of a token or of a role is part of a user's name.
 *
 * Where nothing can be escaped (outside of quotes, in a `DO` block's body, in a comment), only a value that needs no escaping is let
 * through. See https://www.postgresql.org/docs/current/sql-syntax-lexical.html, section 4.1.
 */
export interface Filling {
  readonly name?: string
  readonly password?: string
  readonly expiration?: string
}

const HOLDER = /\{\{(name|username|password|expiration)\}\}/g
/** One part of a statement: a quoted identifier, a literal with escapes, a literal, a dollar-quoted text, a comment, anything else. */
const PART =
  /"(?:[^"]|"")*(?:"|$)|(?<![\w$])[eE]'(?:[^'\\]|\\.|'')*(?:'|$)|'(?:[^']|'')*(?:'|$)|(?<![\w$])\$((?:[A-Za-z_\u0080-\uffff][\w\u0080-\uffff]*)?)\$.*?(?:\$\1\$|$)|--[^\n]*|\/\*.*?(?:\*\/|$)/gs

/** @throws Error that names the place, never the value */
export function fillStatement(statement: string, filling: Filling): string {
  let made = ''
  let at = 0
  for (const part of statement.matchAll(PART)) {
    made += inPlain(statement.slice(at, part.index), filling) + inPart(part[0], filling)
    at = part.index + part[0].length
  }
  return made + inPlain(statement.slice(at), filling)
}

function inPart(part: string, filling: Filling): string {
  if (part.startsWith('"')) return put(part, filling, value => value.replaceAll('"', '""'))
  if (part.startsWith("'")) return put(part, filling, value => value.replaceAll("'", "''"))
  if (/^e/i.test(part)) return put(part, filling, value => value.replaceAll('\\', '\\\\').replaceAll("'", "''"))
  return inPlain(part, filling)
}

/** Letters, digits and what can stand in a name without meaning anything, but no comment. */
const PLAIN = /^(?!.*--)[\p{L}\p{N}_.@:+ -]*$/u

function inPlain(text: string, filling: Filling): string {
  // A password that nothing is around is a mistake, and the database would show a part of it in its complaint.
  const mayBePassword = text.startsWith('$')
  return put(text, filling, (value, holder) => {
    if (PLAIN.test(value) && (holder !== 'password' || mayBePassword)) return value
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

/** The statements of a text, parted at the semicolons that stand outside of quotes and comments. */
export function statementsOf(text: string): readonly string[] {
  const statements: string[] = []
  let begun = ''
  let at = 0
  for (const part of [...text.matchAll(PART), { 0: '', index: text.length }]) {
    const [end = '', ...next] = text.slice(at, part.index).split(';')
    const ended = [begun + end, ...next]
    statements.push(...ended.slice(0, -1))
    begun = (ended.at(-1) ?? '') + part[0]
    at = part.index + part[0].length
  }
  return [...statements, begun].map(it => it.trim()).filter(it => it !== '')
}

/** What is left when everything between quotes, and every comment, is taken out. */
export const unquoted = (statement: string): string => statement.replace(PART, ' ')

/** @throws Error for what no identifier can hold */
export function quoteIdentifier(name: string): string {
  if (name.includes('\0')) throw new Error('an identifier cannot hold a zero byte')
  return `"${name.replaceAll('"', '""')}"`
}
