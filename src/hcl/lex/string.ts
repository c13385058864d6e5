import { END, digitValue } from './characters.ts'
import { LINE_FEED, QUOTE, type Reader } from './reader.ts'

/** Behind the opening quote. Inside of `${` … `}` quotes and line ends are text and braces nest. */
export function readString(reader: Reader): void {
  if (runsToQuote(reader)) return
  let braces = 0
  for (;;) {
    const code = reader.read()
    if (code === END || (code === LINE_FEED && braces === 0)) return reader.problem('unfinished-string')
    if (code === QUOTE && braces === 0) return
    if (braces === 0 && code === 36 && reader.peek() === 123) {
      braces = 1
      reader.read()
    } else if (braces > 0 && code === 123) braces++
    if (braces > 0 && code === 125) braces--
    if (code === 92) readEscape(reader, false)
  }
}

/** JSON's strings: `${` means nothing to their end. */
export function readJsonString(reader: Reader): void {
  if (runsToQuote(reader)) return
  for (;;) {
    const code = reader.read()
    if (code === END || code === LINE_FEED) return reader.problem('unfinished-string')
    if (code === QUOTE) return
    if (code === 92) readEscape(reader, true)
  }
}

/** Passes ordinary characters; true when the closing quote came, false when something needs care. */
function runsToQuote(reader: Reader): boolean {
  const { text } = reader
  let { pos } = reader
  for (;;) {
    const code = text.charCodeAt(pos)
    if (code === QUOTE) {
      reader.pos = pos + 1
      return true
    }
    // 36 is `$`, 92 the backslash; below 32 stand line ends, from 0xd800 on surrogates and the reserved character.
    if (code >= 32 && code < 0xd800 && code !== 36 && code !== 92) pos++
    else break
  }
  reader.pos = pos
  return false
}

function readEscape(reader: Reader, json: boolean): void {
  const code = reader.read()
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
      return readDigits(reader, reader.read(), 16, 2, json)
    case 117:
      return readDigits(reader, reader.read(), 16, 4, json)
    case 85:
      return readDigits(reader, reader.read(), 16, 8, json)
  }
  if (code >= 48 && code <= 55) return readDigits(reader, code, 8, 3, json)
  reader.problem('illegal-escape')
}

/** JSON's reader gives the first other character back even where no digit stood. */
function readDigits(reader: Reader, first: number, base: number, wanted: number, json: boolean): void {
  let code = first
  let missing = wanted
  while (missing > 0 && code !== END && digitValue(code) < base) {
    code = reader.read()
    if (code === END) break
    missing--
  }
  if (missing > 0) reader.problem('illegal-escape')
  if (json || (missing !== wanted && code !== END)) reader.unread()
}
