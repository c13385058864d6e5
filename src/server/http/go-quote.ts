/** How Go's strconv quotes, because the peer's error texts carry its quoting. */
const NAMED: Readonly<Record<string, string>> = {
  '\u0007': '\\a',
  '\b': '\\b',
  '\f': '\\f',
  '\n': '\\n',
  '\r': '\\r',
  '\t': '\\t',
  '\v': '\\v',
  '\\': '\\\\',
}

/** What Go's unicode.IsPrint lets through: letters, marks, numbers, punctuation, symbols and the ASCII blank. */
const PRINTABLE = /^[\p{L}\p{M}\p{N}\p{P}\p{S} ]$/u

function inside(character: string, quote: string): string {
  if (character === quote) return `\\${quote}`
  const named = NAMED[character]
  if (named !== undefined) return named
  if (PRINTABLE.test(character)) return character
  const point = character.codePointAt(0) as number
  if (point < 0x80) return `\\x${point.toString(16).padStart(2, '0')}`
  return point < 0x10000 ? `\\u${point.toString(16).padStart(4, '0')}` : `\\U${point.toString(16).padStart(8, '0')}`
}

/** `'x'`, `'\n'`, `'\u00a0'`: strconv.QuoteRune. */
export const quoteCharacter = (character: string): string => `'${inside(character, "'")}'`

/** `"x"`: strconv.Quote. */
export const quoteText = (text: string): string => `"${Array.from(text, it => inside(it, '"')).join('')}"`
