import { Buffer } from 'node:buffer'
import { textOfBytes } from '../text/index.ts'

const BASE64 = /^(?:[A-Za-z0-9+/]{4})*(?:[A-Za-z0-9+/]{2}==|[A-Za-z0-9+/]{3}=)?$/

/**
 * What the policy store keeps of a written text: a text that is valid base64 as a whole, line breaks left aside, is decoded
 * first. So `path` alone becomes three bytes, and a policy of blank lines becomes the empty one. Unpaired surrogates, which
 * JSON can carry and UTF-8 cannot, become U+FFFD.
 */
export function decodePolicyText(text: string): string {
  const packed = /[\r\n]/.test(text) ? text.replace(/[\r\n]/g, '') : text
  if (packed.length % 4 !== 0 || !BASE64.test(packed)) return text.toWellFormed()
  return textOfBytes(Buffer.from(packed, 'base64'))
}
