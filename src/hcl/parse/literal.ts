import { HEREDOC, IDENT, NULL, STRING } from '../lex/index.ts'
import { textOfBytes } from '../text/index.ts'
import { tokenText, type HclTree } from './tree.ts'

/**
 * What a word, string or heredoc says. Undefined for the few strings that the grammar lets through and that cannot be read:
 * an octal escape above 255, a code point above U+10FFFF, U+FFFD inside of `${…}` (the server breaks the connection on them).
 */
export function stringValue(tree: HclTree, token: number): string | undefined {
  const { tokens, source } = tree
  switch (tokens.kind(token)) {
    case IDENT:
      return source.text.slice(tokens.start(token), tokens.end(token))
    case NULL:
      return ''
    case HEREDOC:
      return heredocValue(tokenText(tree, token))
    case STRING: {
      const plain = source.text.slice(tokens.start(token) + 1, tokens.end(token) - 1)
      if (!plain.includes('\\') && !plain.includes('${')) return plain
      return unescape(plain.includes('\r\n') ? plain.replaceAll('\r\n', '\n') : plain, tree.dialect === 'hcl')
    }
  }
  return undefined
}

/** With `<<-`, the end marker's own indentation is taken from every line, if every line has it. */
function heredocValue(text: string): string {
  const anchorEnd = text.indexOf('\n')
  // The server counts in bytes; the closing marker is as long as the opening one, so units do as well.
  if (text.charCodeAt(2) !== 45) return text.slice(anchorEnd + 1, text.length - anchorEnd + 1)
  const lines = text.slice(anchorEnd + 1, text.length - anchorEnd + 2).split('\n')
  const indent = lines.at(-1) as string
  if (!lines.every(line => line.startsWith(indent))) {
    return text.slice(anchorEnd + 1, text.length - anchorEnd + 1).replace(/[ \t]+$/, '')
  }
  return lines.map((line, i) => (i === lines.length - 1 ? '' : line.slice(indent.length))).join('\n')
}

const SIMPLE: Readonly<Record<string, string>> = { a: '\x07', b: '\b', f: '\f', n: '\n', r: '\r', t: '\t', v: '\v', '\\': '\\', '"': '"' }
const WIDTHS: Readonly<Record<string, number>> = { x: 2, u: 4, U: 8 }

/** Reads what stands between two quotes. With `interpolation`, everything inside of `${…}` stays as it is. */
function unescape(raw: string, interpolation: boolean): string | undefined {
  let value = ''
  let hasBytes = false
  for (let at = 0; at < raw.length;) {
    const character = raw.charAt(at)
    if (interpolation && character === '$' && raw.charAt(at + 1) === '{') {
      const end = interpolationEnd(raw, at + 2)
      if (end === undefined) return undefined
      value += raw.slice(at, end)
      at = end
    } else if (character !== '\\') {
      value += character
      at++
    } else {
      const kind = raw.charAt(at + 1)
      const simple = SIMPLE[kind]
      if (simple !== undefined) {
        value += simple
        at += 2
        continue
      }
      const width = WIDTHS[kind]
      const digits = width === undefined ? raw.slice(at + 1, at + 4) : raw.slice(at + 2, at + 2 + width)
      const code = parseInt(digits, width === undefined ? 8 : 16)
      at += width === undefined ? 4 : 2 + width
      if (width === undefined || width === 2) {
        if (code > 255) return undefined
        hasBytes ||= code > 127
        // Bytes are collected in a private range below and joined to characters at the end.
        value += code > 127 ? String.fromCharCode(0xdc00 + code) : String.fromCharCode(code)
      } else {
        if (!interpolation && code >= 0xd800 && code <= 0xdfff) return undefined
        const character32 = codePoint(code)
        if (character32 === undefined) return undefined
        value += character32
      }
    }
  }
  return hasBytes ? joinBytes(value) : value
}

function interpolationEnd(raw: string, from: number): number | undefined {
  let braces = 1
  for (let at = from; at < raw.length; at++) {
    const unit = raw.charCodeAt(at)
    if (unit === 0xfffd) return undefined
    if (unit === 123) braces++
    else if (unit === 125 && --braces === 0) return at + 1
  }
  return undefined
}

/** Go reads eight digits into 32 bits with a sign: the upper half is no character but passes, and is written as U+FFFD. */
function codePoint(code: number): string | undefined {
  if (code > 0x7fffffff || (code >= 0xd800 && code <= 0xdfff)) return '\ufffd'
  return code > 0x10ffff ? undefined : String.fromCodePoint(code)
}

/** Neighbouring bytes may be the UTF-8 of one character: `"\xc3\xa9"` is é. */
function joinBytes(text: string): string {
  return text.replace(/[\udc80-\udcff]+/gu, run => textOfBytes(Uint8Array.from(run, unit => unit.charCodeAt(0) - 0xdc00)))
}
