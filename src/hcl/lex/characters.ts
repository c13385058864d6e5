/** Character classes of the dialect. A code is a code point, or `END` behind the last one. */
export const END = -1

const LETTER = 1
const DIGIT = 2
const JOINER = 4

const classes: Uint8Array = new Uint8Array(128)
for (let code = 0; code < 26; code++) {
  classes[65 + code] = LETTER
  classes[97 + code] = LETTER
}
classes[95] = LETTER
for (let code = 48; code <= 57; code++) classes[code] = DIGIT
classes[45] = JOINER
classes[46] = JOINER

const UNICODE_LETTER = /^\p{L}$/u
const UNICODE_DIGIT = /^\p{Nd}$/u

export const isDecimal = (code: number): boolean => code >= 48 && code <= 57

export const isHexadecimal = (code: number): boolean => isDecimal(code) || (code >= 97 && code <= 102) || (code >= 65 && code <= 70)

export function isLetter(code: number): boolean {
  return code < 128 ? code >= 0 && classes[code] === LETTER : UNICODE_LETTER.test(String.fromCodePoint(code))
}

export function isDigit(code: number): boolean {
  return code < 128 ? code >= 0 && classes[code] === DIGIT : UNICODE_DIGIT.test(String.fromCodePoint(code))
}

/** What may stand in a word behind its first letter: ASCII only, so the caller looks at other letters itself. */
export const isAsciiWordPart = (code: number): boolean => code < 128 && classes[code] !== 0

export const isWordPart = (code: number): boolean => isLetter(code) || isDigit(code) || code === 45 || code === 46

/** Value of a hexadecimal digit; 16, so larger than any digit, for anything else. */
export function digitValue(code: number): number {
  if (isDecimal(code)) return code - 48
  if (code >= 97 && code <= 102) return code - 87
  if (code >= 65 && code <= 70) return code - 55
  return 16
}
