import { faults } from '../logical/index.ts'

const WHOLE = /^(?:[A-Za-z0-9+/]{4})*(?:[A-Za-z0-9+/]{2}==|[A-Za-z0-9+/]{3}=)?$/

/** Standard base 64 (RFC 4648, section 4) with its padding; line breaks may stand anywhere. The place of the first fault, or the bytes. */
export function fromBase64(text: string): { readonly bytes: Buffer } | { readonly wrongAt: number } {
  if (WHOLE.test(text)) return { bytes: Buffer.from(text, 'base64') }
  const plain = text.replace(/[\r\n]/g, '')
  if (WHOLE.test(plain)) return { bytes: Buffer.from(plain, 'base64') }
  return { wrongAt: faultIn(text) }
}

/** Where the peer says that it stopped reading: the character that it did not expect, or the group that the text's end cut off. */
function faultIn(text: string): number {
  const bytes = Buffer.from(text)
  let [begun, from, at] = [0, 0, 0]
  for (; at < bytes.length; at++) {
    const it = String.fromCharCode(bytes[at] as number)
    if (it === '\r' || it === '\n') continue
    if (/[A-Za-z0-9+/]/.test(it)) {
      if (begun === 0) from = at
      begun = (begun + 1) % 4
      continue
    }
    if (it !== '=' || begun < 2) return at
    return begun === 2 ? afterOnePad(bytes, at) : afterLastPad(bytes, at + 1)
  }
  return from
}

function afterOnePad(bytes: Buffer, at: number): number {
  let next = at + 1
  while (bytes[next] === 10 || bytes[next] === 13) next++
  if (next === bytes.length) return bytes.length
  return bytes[next] === 0x3d ? afterLastPad(bytes, next + 1) : next - 1
}

function afterLastPad(bytes: Buffer, at: number): number {
  let next = at
  while (bytes[next] === 10 || bytes[next] === 13) next++
  return next
}

/** Refused in the peer's words, which `what` may precede. */
export function decodedBase64(text: string, what = ''): Buffer {
  const read = fromBase64(text)
  if ('bytes' in read) return read.bytes
  throw faults.refused({ why: `${what}illegal base64 data at input byte ${read.wrongAt}` })
}
