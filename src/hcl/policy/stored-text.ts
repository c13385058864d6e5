import { Buffer } from 'node:buffer'
import { textOfBytes } from '../text/index.ts'

/**
 * What the policy store keeps of a written text: a text that is valid base64 as a whole, line breaks left aside, is decoded
 * first. So `path` alone becomes three bytes, and a policy of line breaks becomes the empty one. Unpaired surrogates, which
 * JSON can carry and UTF-8 cannot, become U+FFFD.
 */
export function decodePolicyText(text: string): string {
  return isBase64(text) ? textOfBytes(Buffer.from(text.replace(/[\r\n]/g, ''), 'base64')) : text.toWellFormed()
}

/** Whether all of a text is base64 with padding; a policy shows in its first characters that it is not. */
export function isBase64(text: string): boolean {
  let digits = 0
  let padding = 0
  for (let at = 0; at < text.length; at++) {
    const code = text.charCodeAt(at)
    if (code === 10 || code === 13) continue
    if (code === 61) padding++
    else if (padding > 0 || !isDigit(code)) return false
    else digits++
  }
  return padding <= 2 && (digits + padding) % 4 === 0 && digits % 4 !== 1
}

/** A letter, a digit, `+` or `/`. */
const isDigit = (code: number): boolean =>
  (code >= 97 && code <= 122) || (code >= 65 && code <= 90) || (code >= 47 && code <= 57) || code === 43
