import { TextDecoder } from 'node:util'

/**
 * Bytes ↔ text without loss. A JavaScript string cannot hold a byte that is no UTF-8, but a Go string can, and policies reach
 * such bytes by escapes (`"\xff"`), by base64 and by broken files. Each such byte is kept as the lone surrogate U+DC80 to
 * U+DCFF (as Python's surrogateescape does), which no well-formed text contains.
 */
const ESCAPED_BYTE = 0xdc00

const strict: TextDecoder = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true })

export function textOfBytes(bytes: Uint8Array): string {
  try {
    return strict.decode(bytes)
  } catch {
    return lenient(bytes)
  }
}

/** The byte that a lone surrogate stands for; undefined for any other unit. */
export const escapedByte = (unit: number): number | undefined => (unit >= 0xdc80 && unit <= 0xdcff ? unit - ESCAPED_BYTE : undefined)

function lenient(bytes: Uint8Array): string {
  let text = ''
  for (let at = 0; at < bytes.length;) {
    const length = sequenceLength(bytes, at)
    if (length === 0) text += String.fromCharCode(ESCAPED_BYTE + (bytes[at++] as number))
    else {
      text += strict.decode(bytes.subarray(at, at + length))
      at += length
    }
  }
  return text
}

/** Length of the well-formed sequence at a place (Unicode, table 3-7), 0 where there is none. */
function sequenceLength(bytes: Uint8Array, at: number): number {
  const first = bytes[at] as number
  if (first < 0x80) return 1
  const second = bytes[at + 1] ?? 0
  if (first >= 0xc2 && first <= 0xdf) return continues(second) ? 2 : 0
  const third = bytes[at + 2] ?? 0
  if (first >= 0xe0 && first <= 0xef) {
    const low = first === 0xe0 ? 0xa0 : 0x80
    const high = first === 0xed ? 0x9f : 0xbf
    return second >= low && second <= high && continues(third) ? 3 : 0
  }
  if (first < 0xf0 || first > 0xf4) return 0
  const low = first === 0xf0 ? 0x90 : 0x80
  const high = first === 0xf4 ? 0x8f : 0xbf
  return second >= low && second <= high && continues(third) && continues(bytes[at + 3] ?? 0) ? 4 : 0
}

const continues = (byte: number): boolean => (byte & 0xc0) === 0x80

/** How many bytes a text has in UTF-8; what the formatter aligns by. */
export function byteLength(text: string, from: number = 0, to: number = text.length): number {
  let length = to - from
  for (let at = from; at < to; at++) {
    const unit = text.charCodeAt(at)
    if (unit < 0x80) continue
    if (unit < 0x800) length += 1
    else if (unit < 0xd800 || unit > 0xdfff) length += 2
    else if (unit < 0xdc00 && at + 1 < to && (text.charCodeAt(at + 1) & 0xfc00) === 0xdc00) {
      length += 2
      at++
    } else if (escapedByte(unit) === undefined) length += 2
  }
  return length
}
