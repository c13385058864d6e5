/**
 * A record as it lies in the store:
 *
 *     key term, 4 bytes big-endian | version, 1 byte | nonce, 12 bytes | ciphertext | tag, 16 bytes
 *
 * AES-256-GCM (NIST SP 800-38D) with the whole storage path as additional data, so that a record moved to another path
 * does not open there. Term and version are not authenticated by themselves: a changed term picks another key, under
 * which the tag fails; there is one version. Version 1 is left out: in the peer's format it is the one that binds no path.
 */
import { createCipheriv, createDecipheriv, type KeyObject } from 'node:crypto'
import { faults } from '../logical/index.ts'

const VERSION = 2
const NONCE = 12
const TAG = 16
const HEAD = 4 + 1 + NONCE

export const nonceLength: number = NONCE

export function encrypt(key: KeyObject, term: number, nonce: Uint8Array, path: string, plain: Uint8Array): Buffer {
  const cipher = createCipheriv('aes-256-gcm', key, nonce, { authTagLength: TAG })
  cipher.setAAD(Buffer.from(path))
  const record = Buffer.allocUnsafeSlow(HEAD + plain.length + TAG)
  record.writeUInt32BE(term, 0)
  record[4] = VERSION
  record.set(nonce, 5)
  const body = cipher.update(plain)
  // GCM is a stream mode: nothing is left for `final`.
  cipher.final()
  record.set(body, HEAD)
  record.set(cipher.getAuthTag(), HEAD + body.length)
  return record
}

/** The term that a record names. Rejects what cannot be a record. */
export function termOf(record: Uint8Array): number {
  if (record.length < HEAD + TAG || record[4] !== VERSION) throw faults.recordUnreadable()
  return new DataView(record.buffer, record.byteOffset, 4).getUint32(0)
}

/** One fault for whatever is wrong, so that an answer tells nothing about why. */
export function decrypt(key: KeyObject, path: string, record: Uint8Array): Buffer {
  const end = record.length - TAG
  const decipher = createDecipheriv('aes-256-gcm', key, record.subarray(5, HEAD), { authTagLength: TAG })
  decipher.setAAD(Buffer.from(path))
  decipher.setAuthTag(record.subarray(end))
  const plain = decipher.update(record.subarray(HEAD, end))
  try {
    decipher.final()
  } catch {
    plain.fill(0)
    throw faults.recordUnreadable()
  }
  return plain
}
