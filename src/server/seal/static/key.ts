import { SealError } from '../index.ts'

const LENGTH = 32

/** 32 bytes as they are, or as hexadecimal or base64 text. `text` holds one character a byte. */
export function parseKey(text: string): Buffer {
  if (text.length === LENGTH && !/[^\0-\xff]/.test(text)) return Buffer.from(text, 'latin1')
  // A file that was written by an editor or by `echo` ends in a line feed.
  const word = text.trim()
  if (word.length === LENGTH * 2 && /^[0-9a-fA-F]+$/.test(word)) return Buffer.from(word, 'hex')
  if (/^[A-Za-z0-9+/]{43}=?$/.test(word) || /^[A-Za-z0-9_-]{43}=?$/.test(word)) return Buffer.from(word, 'base64')
  throw new SealError('unknown encoding for AES-256 key: must be either a raw, hex, or base64-encoded')
}
