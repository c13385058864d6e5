/** The types of key that there are, as data: what each can do, and how one is made. */
import { generateKeyPair, type KeyObject } from 'node:crypto'
import { promisify } from 'node:util'
import { tableBy } from '../../../kernel/index.ts'
import type { Random } from '../../../kernel/index.ts'

export type Cipher = 'aes-128-gcm' | 'aes-256-gcm' | 'chacha20-poly1305' | 'xchacha20-poly1305'
export type Curve = 'P-256' | 'P-384' | 'P-521'

interface Facts {
  readonly name: string
  /** What stands for it in a backup. */
  readonly number: number
  readonly encrypts: boolean
  readonly signs: boolean
  readonly derives: boolean
}
export interface CipherType extends Facts {
  readonly family: 'cipher'
  readonly cipher: Cipher
  readonly keyBytes: number
  readonly nonceBytes: number
}
export interface EcdsaType extends Facts {
  readonly family: 'ecdsa'
  readonly curve: Curve
}
export interface RsaType extends Facts {
  readonly family: 'rsa'
  readonly bits: number
}
export interface Ed25519Type extends Facts {
  readonly family: 'ed25519'
}
export interface HmacType extends Facts {
  readonly family: 'hmac'
}
export type KeyType = CipherType | EcdsaType | RsaType | Ed25519Type | HmacType

const cipher = (name: string, number: number, cipher: Cipher, keyBytes: number, nonceBytes: number): CipherType => ({
  name,
  number,
  family: 'cipher',
  encrypts: true,
  signs: false,
  derives: true,
  cipher,
  keyBytes,
  nonceBytes,
})
const ecdsa = (name: string, number: number, curve: Curve): EcdsaType => ({
  name,
  number,
  family: 'ecdsa',
  encrypts: false,
  signs: true,
  derives: false,
  curve,
})
const rsa = (bits: number, number: number): RsaType => ({
  name: `rsa-${bits}`,
  number,
  family: 'rsa',
  encrypts: true,
  signs: true,
  derives: false,
  bits,
})

export const keyTypes: Readonly<Record<string, KeyType>> = tableBy<KeyType>(
  it => it.name,
  [
    cipher('aes128-gcm96', 8, 'aes-128-gcm', 16, 12),
    cipher('aes256-gcm96', 0, 'aes-256-gcm', 32, 12),
    cipher('chacha20-poly1305', 5, 'chacha20-poly1305', 32, 12),
    cipher('xchacha20-poly1305', 11, 'xchacha20-poly1305', 32, 24),
    { name: 'ed25519', number: 2, family: 'ed25519', encrypts: false, signs: true, derives: true },
    ecdsa('ecdsa-p256', 1, 'P-256'),
    ecdsa('ecdsa-p384', 6, 'P-384'),
    ecdsa('ecdsa-p521', 7, 'P-521'),
    rsa(2048, 3),
    rsa(3072, 9),
    rsa(4096, 4),
    { name: 'hmac', number: 10, family: 'hmac', encrypts: false, signs: false, derives: false },
  ],
)
export const DEFAULT_TYPE = 'aes256-gcm96'

const generate = promisify(generateKeyPair) as unknown as (
  type: string,
  options: object,
) => Promise<{ readonly privateKey: KeyObject; readonly publicKey: KeyObject }>

/**
 * The secret of a new version: raw bytes for ciphers and HMAC, seed and public key (RFC 8032, as Go keeps them) for Ed25519,
 * PKCS #8 for the others. Key pairs are made on the thread pool.
 */
export async function newSecret(type: KeyType, keySize: number | undefined, random: Random): Promise<Uint8Array> {
  switch (type.family) {
    case 'cipher':
      return random.bytes(type.keyBytes)
    case 'hmac':
      return random.bytes(keySize ?? 32)
    case 'ed25519': {
      const { privateKey } = await generate('ed25519', {})
      return seedAndPublic(privateKey)
    }
    case 'ecdsa':
      return pkcs8((await generate('ec', { namedCurve: type.curve })).privateKey)
    case 'rsa':
      return pkcs8((await generate('rsa', { modulusLength: type.bits })).privateKey)
  }
}

export const pkcs8 = (key: KeyObject): Uint8Array => key.export({ type: 'pkcs8', format: 'der' })

export function seedAndPublic(key: KeyObject): Uint8Array {
  const { d = '', x = '' } = key.export({ format: 'jwk' })
  return Buffer.concat([Buffer.from(d, 'base64url'), Buffer.from(x, 'base64url')])
}
