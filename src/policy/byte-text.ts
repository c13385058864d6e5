import { Buffer } from 'node:buffer'

/**
 * The server compares and measures bytes. A policy can name bytes that are no UTF-8 (`"\xc3*"` begins `é`); the parser keeps
 * each of them as a lone surrogate U+DC80 to U+DCFF. Only where a rule holds one, keys and paths are compared as byte texts:
 * one code unit for each byte. Everywhere else the texts themselves do, since whole code points begin and end alike in both.
 */
export const holdsRawBytes = (text: string): boolean => /\p{Surrogate}/u.test(text)

export function bytesOf(text: string): Buffer {
  return holdsRawBytes(text) ? Buffer.from(toByteText(text), 'latin1') : Buffer.from(text)
}

export function toByteText(text: string): string {
  let bytes = ''
  for (const character of text) {
    const raw = character.length === 1 && holdsRawBytes(character) ? character.charCodeAt(0) - 0xdc00 : -1
    bytes += raw >= 0x80 && raw <= 0xff ? String.fromCharCode(raw) : Buffer.from(character).toString('latin1')
  }
  return bytes
}
