/** Signs and verifies one input with one version of a key. */
import {
  constants,
  createHash,
  createPublicKey,
  privateEncrypt,
  publicDecrypt,
  sign as nodeSign,
  timingSafeEqual,
  verify as nodeVerify,
  type KeyObject,
} from 'node:crypto'
import { promisify } from 'node:util'
import { fromBase64, opensslHash } from '../../framework/index.ts'
import { faults } from '../../logical/index.ts'
import { digestInfo } from './hashes.ts'
import { ed25519Of, NO_CONTEXT, type KeyRecord, type Version } from './key.ts'
import type { Curve, EcdsaType } from './key-types.ts'

export interface Manner {
  /** The API's name, or `none`: the input is signed as it is. */
  readonly hash: string
  /** The input is the digest. */
  readonly prehashed: boolean
  readonly marshaling: 'asn1' | 'jws'
  readonly padding: 'pss' | 'pkcs1v15'
  /** Bytes; `auto`: the longest when signing, any when verifying. */
  readonly salt: 'auto' | 'hash' | number
}
export interface Signed {
  readonly signature: string
  /** base 64, of a key that was derived from the context. */
  readonly publicKey?: string
}

// On the thread pool: an RSA signature is most of a millisecond.
const signAsync = promisify(nodeSign) as unknown as (algorithm: string | null, data: Uint8Array, key: object) => Promise<Buffer>

export async function sign(
  key: KeyRecord,
  version: Version,
  input: Uint8Array,
  context: Uint8Array | undefined,
  manner: Manner,
): Promise<Signed> {
  const { type } = version
  if (type.family === 'ed25519' && key.derived) {
    const own = derivedKey(version, context, 'error deriving key: ')
    return { signature: nodeSign(null, input, own).toString('base64'), publicKey: rawPublic(own) }
  }
  const own = version.private
  if (own === undefined) throw faults.failedAs({ why: 'requested version for signing does not contain a private part' })
  switch (type.family) {
    case 'ed25519':
      return { signature: nodeSign(null, input, own).toString('base64') }
    case 'ecdsa':
      return { signature: encoded(await signEcdsa(type, own, input, manner), manner) }
    case 'rsa':
      return { signature: (await signRsa(own, input, manner)).toString('base64') }
    default:
      throw faults.refused({ why: `key type ${type.name} does not support signing` })
  }
}

export async function verify(
  key: KeyRecord,
  version: Version,
  input: Uint8Array,
  text: string,
  context: Uint8Array | undefined,
  manner: Manner,
): Promise<boolean> {
  const signature = read(text, version.type.family === 'ecdsa' ? manner.marshaling : 'asn1')
  const { type } = version
  switch (type.family) {
    case 'ed25519':
      return nodeVerify(
        null,
        input,
        key.derived ? createPublicKey(derivedKey(version, context, 'error deriving key: ')) : version.public,
        signature,
      )
    case 'ecdsa':
      return verifyEcdsa(type, version.public, input, signature, manner)
    case 'rsa':
      return verifyRsa(version.public, input, signature, manner)
    default:
      throw faults.refused({ why: `key type ${type.name} does not support verification` })
  }
}

function derivedKey(version: Version, context: Uint8Array | undefined, before: string): KeyObject {
  if (context === undefined || context.length === 0) throw faults.failedAs({ why: before + NO_CONTEXT })
  return ed25519Of(version.derive(context, 32))
}
/** The public key of a context, base 64. */
export const derivedPublic = (version: Version, context: Uint8Array): string => rawPublic(ed25519Of(version.derive(context, 32)))
export const rawPublic = (key: KeyObject): string => Buffer.from(key.export({ format: 'jwk' }).x ?? '', 'base64url').toString('base64')

function encoded(signature: Uint8Array, { marshaling }: Manner): string {
  return Buffer.from(signature).toString(marshaling === 'jws' ? 'base64url' : 'base64')
}

function read(text: string, marshaling: Manner['marshaling']): Buffer {
  const invalid = faults.refused({ why: 'invalid base64 signature value' })
  if (marshaling === 'jws') {
    if (!/^[A-Za-z0-9_-]*$/.test(text) || text.length % 4 === 1) throw invalid
    return Buffer.from(text, 'base64url')
  }
  const bytes = fromBase64(text)
  if (!('bytes' in bytes)) throw invalid
  return bytes.bytes
}

const hashOf = ({ hash }: Manner): string => opensslHash(hash) ?? 'sha256'

// ---- ECDSA (FIPS 186-5) ------------------------------------------------------------------------------------
const dsaEncoding = ({ marshaling }: Manner): 'der' | 'ieee-p1363' => (marshaling === 'jws' ? 'ieee-p1363' : 'der')

async function signEcdsa({ curve }: EcdsaType, key: KeyObject, input: Uint8Array, manner: Manner): Promise<Uint8Array> {
  if (!manner.prehashed) return signAsync(hashOf(manner), input, { key, dsaEncoding: dsaEncoding(manner) })
  const secret = Buffer.from(key.export({ format: 'jwk' }).d ?? '', 'base64url')
  return (await curveOf(curve)).sign(input, secret, {
    prehash: false,
    lowS: false,
    format: manner.marshaling === 'jws' ? 'compact' : 'der',
  })
}

async function verifyEcdsa({ curve }: EcdsaType, key: KeyObject, input: Uint8Array, signature: Buffer, manner: Manner): Promise<boolean> {
  if (manner.marshaling === 'asn1' && !isSequenceOfTwo(signature)) throw faults.refused({ why: 'supplied signature is invalid' })
  if (!manner.prehashed) return nodeVerify(hashOf(manner), input, { key, dsaEncoding: dsaEncoding(manner) }, signature)
  const { x = '', y = '' } = key.export({ format: 'jwk' })
  const point = Buffer.concat([Buffer.from([4]), Buffer.from(x, 'base64url'), Buffer.from(y, 'base64url')])
  try {
    return (await curveOf(curve)).verify(signature, input, point, {
      prehash: false,
      lowS: false,
      format: manner.marshaling === 'jws' ? 'compact' : 'der',
    })
  } catch {
    return false // Not even the form of a signature.
  }
}

/** `node:crypto` hashes what it signs; for an input that is the digest there is only the library. */
async function curveOf(curve: Curve): Promise<(typeof import('@noble/curves/nist.js'))['p256']> {
  const { p256, p384, p521 } = await import('@noble/curves/nist.js')
  return { 'P-256': p256, 'P-384': p384, 'P-521': p521 }[curve]
}

/** Whether it is DER of two integers and nothing else. */
function isSequenceOfTwo(der: Buffer): boolean {
  if (der[0] !== 0x30) return false
  const long = der[1] === 0x81
  let at = long ? 3 : 2
  if ((long ? der[2] : der[1]) !== der.length - at) return false
  for (let i = 0; i < 2; i++) {
    if (der[at] !== 0x02) return false
    at += 2 + (der[at + 1] ?? der.length)
  }
  return at === der.length
}

// ---- RSA (RFC 8017) ----------------------------------------------------------------------------------------
const PKCS1 = { padding: constants.RSA_PKCS1_PADDING } as const

function saltLength({ salt, hash }: Manner, verifying: boolean): number {
  if (salt === 'hash' || salt === -1) return createHash(opensslHash(hash) ?? 'sha256').digest().length
  if (salt === 'auto' || salt === 0) return verifying ? constants.RSA_PSS_SALTLEN_AUTO : constants.RSA_PSS_SALTLEN_MAX_SIGN
  return salt
}

/** What RSASSA-PKCS1-v1_5 signs of an input that is hashed already. */
function digested(input: Uint8Array, { hash }: Manner): Buffer {
  if (hash === 'none') return Buffer.from(input)
  if (createHash(hashOf({ hash } as Manner)).digest().length !== input.length)
    throw faults.failedAs({ why: 'crypto/rsa: input must be hashed message' })
  return Buffer.concat([digestInfo(hash), input])
}

async function signRsa(key: KeyObject, input: Uint8Array, manner: Manner): Promise<Buffer> {
  if (manner.padding === 'pkcs1v15') {
    if (!manner.prehashed) return signAsync(hashOf(manner), input, { key, ...PKCS1 })
    return privateEncrypt({ key, ...PKCS1 }, digested(input, manner))
  }
  refusePrehashed(manner)
  try {
    return await signAsync(hashOf(manner), input, { key, padding: constants.RSA_PKCS1_PSS_PADDING, saltLength: saltLength(manner, false) })
  } catch (cause) {
    throw faults.failedAs({ why: `requested salt length ${manner.salt} is invalid` }, { cause })
  }
}

function verifyRsa(key: KeyObject, input: Uint8Array, signature: Buffer, manner: Manner): boolean {
  if (manner.padding === 'pkcs1v15') {
    if (!manner.prehashed) return nodeVerify(hashOf(manner), input, { key, ...PKCS1 }, signature)
    const expected = digested(input, manner)
    try {
      const found = publicDecrypt({ key, ...PKCS1 }, signature)
      return found.length === expected.length && timingSafeEqual(found, expected)
    } catch {
      return false
    }
  }
  refusePrehashed(manner)
  const { salt } = manner
  const most = (key.asymmetricKeyDetails?.modulusLength ?? 0) / 8 - 2
  if (typeof salt === 'number' && (salt < -1 || salt > most)) throw faults.refused({ why: `requested salt length ${salt} is invalid` })
  try {
    return nodeVerify(
      hashOf(manner),
      input,
      { key, padding: constants.RSA_PKCS1_PSS_PADDING, saltLength: saltLength(manner, true) },
      signature,
    )
  } catch {
    return false
  }
}

function refusePrehashed({ prehashed }: Manner): void {
  if (prehashed) throw faults.refused({ why: 'prehashed=true needs signature_algorithm=pkcs1v15 for RSA keys' })
}
