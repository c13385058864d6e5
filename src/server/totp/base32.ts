/** Base 32 (RFC 4648, section 6), in which shared secrets are written for people. */
const ALPHABET = 'ABCDEFGHIJKLMNOPQRSTUVWXYZ234567'
/** How many characters a last group may have: 1, 3 and 6 stand for no whole number of bytes. */
const LAST = new Set([0, 2, 4, 5, 7])

/** Without padding. */
export function toBase32(bytes: Uint8Array): string {
  let [text, buffer, bits] = ['', 0, 0]
  for (const byte of bytes) {
    buffer = (buffer << 8) | byte
    for (bits += 8; bits >= 5; bits -= 5) text += ALPHABET.charAt((buffer >> (bits - 5)) & 31)
    buffer &= (1 << bits) - 1
  }
  return bits === 0 ? text : text + ALPHABET.charAt((buffer << (5 - bits)) & 31)
}

/** Of either case; padding may be missing. Where it cannot be read on, when it cannot. */
export function fromBase32(text: string): { readonly bytes: Uint8Array } | { readonly wrongAt: number } {
  const upper = text.toUpperCase()
  const digits = /^[A-Z2-7]*/.exec(upper)?.[0] ?? ''
  const padding = upper.slice(digits.length)
  const last = digits.length % 8
  if (!/^=*$/.test(padding) || !LAST.has(last) || padding.length > (last === 0 ? 0 : 8 - last)) return { wrongAt: digits.length }
  const bytes: number[] = []
  let [buffer, bits] = [0, 0]
  for (const digit of digits) {
    buffer = ((buffer << 5) | ALPHABET.indexOf(digit)) & 0xfff
    bits += 5
    if (bits < 8) continue
    bits -= 8
    bytes.push((buffer >> bits) & 255)
  }
  return { bytes: Uint8Array.from(bytes) }
}
