import { END, isDecimal, isHexadecimal } from './characters.ts'
import type { Reader } from './reader.ts'
import { FLOAT, NUMBER, type TokenKind } from './token.ts'

/** Behind the first digit, which is given: decimal, octal, hexadecimal, with fraction or exponent. */
export function readNumber(reader: Reader, first: number): TokenKind {
  if (first === 48) return fromZero(reader)
  passDigits(reader)
  return tail(reader, reader.read())
}

/** JSON knows neither octal nor hexadecimal, and refuses a leading zero of a whole number. */
export function readJsonNumber(reader: Reader, first: number): TokenKind {
  const behindFirst = reader.pos
  passDigits(reader)
  const beyond = reader.beyond
  const kind = tail(reader, reader.read())
  if (kind === NUMBER && first === 48 && (reader.pos !== behindFirst || reader.beyond !== beyond)) {
    // The place is that of the last digit, or the end if that was read.
    if (reader.beyond === beyond) reader.last = reader.pos - 1
    reader.problem('leading-zero')
  }
  return kind
}

/** `.5`, behind the point: an exponent is cut after its `e`, as the server does. */
export function readFraction(reader: Reader): TokenKind {
  const next = mantissa(reader, reader.peek())
  if (next === 101 || next === 69) reader.read()
  return FLOAT
}

function passDigits(reader: Reader): void {
  let { pos } = reader
  while (isDecimal(reader.text.charCodeAt(pos))) pos++
  reader.pos = pos
  // The server looks behind the digits twice, which shows in its columns at the end of the text.
  if (reader.read() !== END) reader.unread()
}

function fromZero(reader: Reader): TokenKind {
  let code = reader.read()
  if (code === 120 || code === 88) return hexadecimal(reader)
  // An 8 or 9 is seen from the second digit on only; `08` passes here and fails when its value is asked for.
  let illegalOctal = false
  while (isDecimal(code)) {
    code = reader.read()
    if (code === 56 || code === 57) illegalOctal = true
  }
  if (illegalOctal && code !== 46 && code !== 101 && code !== 69) reader.problem('illegal-octal')
  return tail(reader, code)
}

function hexadecimal(reader: Reader): TokenKind {
  let code = reader.read()
  const found = isHexadecimal(code)
  while (isHexadecimal(code)) code = reader.read()
  if (!found) reader.problem('illegal-hexadecimal')
  if (code !== END) reader.unread()
  return NUMBER
}

/** What may follow the digits: an exponent, a fraction, or nothing. `code` was just read. */
function tail(reader: Reader, code: number): TokenKind {
  if (code === 101 || code === 69) {
    exponent(reader)
    return FLOAT
  }
  if (code === 46) {
    const next = mantissa(reader, reader.peek())
    if (next === 101 || next === 69) {
      reader.read()
      exponent(reader)
    }
    return FLOAT
  }
  if (code !== END) reader.unread()
  return NUMBER
}

/** Behind an `e`. A character that is neither sign nor digit is swallowed, as the server does. */
function exponent(reader: Reader): void {
  let code = reader.read()
  if (code === 45 || code === 43) code = reader.read()
  mantissa(reader, code)
}

/** Digits, beginning with one that was read or only seen; answers the first that is none, unread. */
function mantissa(reader: Reader, first: number): number {
  let code = first
  if (!isDecimal(code)) return code
  while (isDecimal(code)) code = reader.read()
  if (code !== END) reader.unread()
  return code
}
