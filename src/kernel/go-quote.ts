/** Letters, marks, numbers, punctuation, symbols and the plain blank: what Go calls printable. */
export const isPrintable = (text: string): boolean => /^[\p{L}\p{M}\p{N}\p{P}\p{S} ]*$/u.test(text)

const NAMED: Readonly<Record<string, string>> = {
  '"': '\\"',
  '\\': '\\\\',
  '\x07': '\\a',
  '\b': '\\b',
  '\f': '\\f',
  '\n': '\\n',
  '\r': '\\r',
  '\t': '\\t',
  '\v': '\\v',
}

/** A text as the API quotes it inside a sentence (Go's %q): what is not printable shows as an escape. */
export function goQuote(text: string): string {
  let out = ''
  for (const rune of text) out += NAMED[rune] ?? (isPrintable(rune) ? rune : escaped(rune.codePointAt(0) ?? 0))
  return `"${out}"`
}

function escaped(code: number): string {
  if (code < 0x80) return `\\x${code.toString(16).padStart(2, '0')}`
  return code < 0x10000 ? `\\u${code.toString(16).padStart(4, '0')}` : `\\U${code.toString(16).padStart(8, '0')}`
}
