import { escapedByte } from './utf8.ts'

const PRINTABLE = /^[ \p{L}\p{M}\p{N}\p{P}\p{S}]$/u
const NAMED: Readonly<Record<number, string>> = {
  7: '\\a',
  8: '\\b',
  9: '\\t',
  10: '\\n',
  11: '\\v',
  12: '\\f',
  13: '\\r',
  34: '\\"',
  92: '\\\\',
}

/** A text as Go's `%q` shows it, which is how the server's messages quote: `"a\tb"`. */
export function goQuote(text: string): string {
  let quoted = '"'
  for (const character of text) quoted += escaped(character)
  return quoted + '"'
}

function escaped(character: string): string {
  const code = character.codePointAt(0) as number
  const named = NAMED[code]
  if (named !== undefined) return named
  if (code >= 32 && code < 127) return character
  const byte = code < 128 ? code : escapedByte(code)
  if (byte !== undefined) return `\\x${hex(byte, 2)}`
  if (code >= 0xd800 && code <= 0xdfff) return '\ufffd'
  if (PRINTABLE.test(character)) return character
  return code < 0x10000 ? `\\u${hex(code, 4)}` : `\\U${hex(code, 8)}`
}

const hex = (value: number, width: number): string => value.toString(16).padStart(width, '0')
