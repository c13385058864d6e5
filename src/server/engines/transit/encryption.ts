/** Encrypts and decrypts one text with one version of a key. */
import {
  constants,
  createCipheriv,
  createDecipheriv,
  createHmac,
  createSecretKey,
  privateDecrypt,
  publicEncrypt,
  type CipherGCMTypes,
  type KeyObject,
} from 'node:crypto'
import { fromBase64 } from '../../framework/index.ts'
import { faults } from '../../logical/index.ts'
import { NO_CONTEXT, type KeyRecord, type Version } from './key.ts'
import type { Nonces } from './nonces.ts'
import type { CipherType } from './key-types.ts'

const TAG = 16
type Aead = (key: KeyObject, nonce: Uint8Array, data: Uint8Array) => Promise<Buffer>

const options = { authTagLength: TAG } as const
/** Node's OpenSSL has no XChaCha20: it comes from a library that is loaded at the first such key. */
const extended = async (key: KeyObject, nonce: Uint8Array, associated: Uint8Array): ReturnType<typeof loaded> =>
  loaded(key.export(), nonce, associated)
async function loaded(
  key: Uint8Array,
  nonce: Uint8Array,
  associated: Uint8Array,
): Promise<{ encrypt(data: Uint8Array): Uint8Array; decrypt(data: Uint8Array): Uint8Array }> {
  const { xchacha20poly1305 } = await import('@noble/ciphers/chacha.js')
  return xchacha20poly1305(key, nonce, associated)
}

/** The nonce, what is sealed, and the tag. */
const sealWith =
  ({ cipher }: CipherType, associated: Uint8Array): Aead =>
  async (key, nonce, data) => {
    if (cipher === 'xchacha20-poly1305') return Buffer.concat([nonce, (await extended(key, nonce, associated)).encrypt(data)])
    const sealing = createCipheriv(cipher as CipherGCMTypes, key, nonce, options)
    if (associated.length > 0) sealing.setAAD(associated)
    // A stream cipher's `final` adds nothing, and must be called.
    const [sealed] = [sealing.update(data), sealing.final()]
    return Buffer.concat([nonce, sealed, sealing.getAuthTag()])
  }

const openWith =
  ({ cipher }: CipherType, associated: Uint8Array): Aead =>
  async (key, nonce, data) => {
    try {
      if (cipher === 'xchacha20-poly1305') return Buffer.from((await extended(key, nonce, associated)).decrypt(data))
      const opening = createDecipheriv(cipher as CipherGCMTypes, key, nonce, options)
      opening.setAAD(associated)
      opening.setAuthTag(data.subarray(data.length - TAG))
      return Buffer.concat([opening.update(data.subarray(0, data.length - TAG)), opening.final()])
    } catch (cause) {
      throw faults.refused({ why: `${cipher.startsWith('aes') ? 'cipher' : 'chacha20poly1305'}: message authentication failed` }, { cause })
    }
  }

export interface Extras {
  /** Undefined or empty: none was given. */
  readonly context: Uint8Array | undefined
  readonly associated: Uint8Array
}

/** The key of a context, and for convergent encryption the one that makes a nonce of the text. */
function keysFor(
  key: KeyRecord,
  version: Version,
  { keyBytes }: CipherType,
  context: Uint8Array | undefined,
): { readonly key: KeyObject; readonly nonce?: KeyObject } {
  if (!key.derived) return { key: version.secret }
  if (context === undefined || context.length === 0) throw faults.refused({ why: NO_CONTEXT })
  if (!key.convergent) return { key: createSecretKey(version.derive(context, keyBytes)) }
  const both = version.derive(context, keyBytes + 32)
  return { key: createSecretKey(both.subarray(0, keyBytes)), nonce: createSecretKey(both.subarray(keyBytes)) }
}

export async function encrypt(key: KeyRecord, version: Version, plaintext: Uint8Array, extras: Extras, nonces: Nonces): Promise<string> {
  const { type } = version
  if (type.family === 'rsa') return encryptRsa(version, plaintext).toString('base64')
  const cipher = type as CipherType
  const keys = keysFor(key, version, cipher, extras.context)
  const nonce = keys.nonce
    ? createHmac('sha256', keys.nonce).update(plaintext).digest().subarray(0, cipher.nonceBytes)
    : nonces.take(cipher.nonceBytes)
  return (await sealWith(cipher, extras.associated)(keys.key, nonce, plaintext)).toString('base64')
}

export async function decrypt(key: KeyRecord, version: Version, text: string, extras: Extras): Promise<Buffer> {
  const read = fromBase64(text)
  if (!('bytes' in read)) throw faults.refused({ why: 'invalid ciphertext: could not decode base64' })
  const { bytes } = read
  const { type } = version
  if (type.family === 'rsa') return decryptRsa(version, bytes)
  const cipher = type as CipherType
  const keys = keysFor(key, version, cipher, extras.context)
  if (bytes.length < cipher.nonceBytes) throw faults.refused({ why: 'invalid ciphertext length' })
  const data = bytes.subarray(cipher.nonceBytes)
  if (data.length < TAG)
    throw faults.refused({ why: `${cipher.cipher.startsWith('aes') ? 'cipher' : 'chacha20poly1305'}: message authentication failed` })
  return openWith(cipher, extras.associated)(keys.key, bytes.subarray(0, cipher.nonceBytes), data)
}

const OAEP = { padding: constants.RSA_PKCS1_OAEP_PADDING, oaepHash: 'sha256' } as const

function encryptRsa(version: Version, plaintext: Uint8Array): Buffer {
  try {
    return publicEncrypt({ key: version.public, ...OAEP }, plaintext)
  } catch (cause) {
    throw faults.failedAs({ why: 'failed to RSA encrypt the plaintext: crypto/rsa: message too long for RSA key size' }, { cause })
  }
}

function decryptRsa(version: Version, bytes: Uint8Array): Buffer {
  const key = version.private
  if (key === undefined) throw faults.failedAs({ why: 'cannot decrypt ciphertext, key version does not have a private counterpart' })
  try {
    return privateDecrypt({ key, ...OAEP }, bytes)
  } catch (cause) {
    throw faults.failedAs({ why: 'failed to RSA decrypt the ciphertext: crypto/rsa: decryption error' }, { cause })
  }
}
