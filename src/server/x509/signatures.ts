/** Signatures of certificates, requests, revocation lists and OCSP answers: which algorithm, how it is named, made and checked. */
import { constants, createPublicKey, sign, verify, type KeyObject } from 'node:crypto'
import { constructed, integer, NULL, oid, sequence } from './der.ts'
import { DerError, type Element, Reader, readOid } from './der-reader.ts'
import { OID } from './oids.ts'

type Hash = 'sha1' | 'sha256' | 'sha384' | 'sha512'
export type KeyFamily = 'rsa' | 'ec' | 'ed25519' | 'mldsa'

export interface SignatureAlgorithm {
  /** As the API names it: `SHA256WithRSA`. */
  readonly name: string
  readonly family: KeyFamily
  readonly hash?: Hash
  readonly pss?: true
  /** AlgorithmIdentifier. */
  readonly identifier: Buffer
  /** Accepted, and never used for a signature of ours. */
  readonly old?: true
}

const rsa = (hash: Hash, name: string, id: string): SignatureAlgorithm => ({
  name,
  family: 'rsa',
  hash,
  identifier: sequence(oid(id), NULL),
})
const ec = (hash: Hash, name: string, id: string): SignatureAlgorithm => ({ name, family: 'ec', hash, identifier: sequence(oid(id)) })

const SALT = { sha1: 20, sha256: 32, sha384: 48, sha512: 64 } as const
/** RFC 4055, section 3.1: the hash, the mask made from it, and a salt as long as it. */
function pss(hash: Exclude<Hash, 'sha1'>, name: string): SignatureAlgorithm {
  const digest = sequence(oid(OID[hash]), NULL)
  const parameters = sequence(constructed(0, digest), constructed(1, sequence(oid(OID.mgf1), digest)), constructed(2, integer(SALT[hash])))
  return { name, family: 'rsa', hash, pss: true, identifier: sequence(oid(OID.rsaPss), parameters) }
}
const plain = (family: KeyFamily, name: string, id: string): SignatureAlgorithm => ({ name, family, identifier: sequence(oid(id)) })

export type SignatureName =
  `SHA${256 | 384 | 512}WithRSA${'' | 'PSS'}` | `ECDSAWithSHA${256 | 384 | 512}` | 'Ed25519' | `MLDSA${44 | 65 | 87}`

export const signatureAlgorithms: Readonly<Record<SignatureName, SignatureAlgorithm>> = {
  SHA256WithRSA: rsa('sha256', 'SHA256WithRSA', '1.2.840.113549.1.1.11'),
  SHA384WithRSA: rsa('sha384', 'SHA384WithRSA', '1.2.840.113549.1.1.12'),
  SHA512WithRSA: rsa('sha512', 'SHA512WithRSA', '1.2.840.113549.1.1.13'),
  SHA256WithRSAPSS: pss('sha256', 'SHA256WithRSAPSS'),
  SHA384WithRSAPSS: pss('sha384', 'SHA384WithRSAPSS'),
  SHA512WithRSAPSS: pss('sha512', 'SHA512WithRSAPSS'),
  ECDSAWithSHA256: ec('sha256', 'ECDSAWithSHA256', '1.2.840.10045.4.3.2'),
  ECDSAWithSHA384: ec('sha384', 'ECDSAWithSHA384', '1.2.840.10045.4.3.3'),
  ECDSAWithSHA512: ec('sha512', 'ECDSAWithSHA512', '1.2.840.10045.4.3.4'),
  Ed25519: plain('ed25519', 'Ed25519', OID.ed25519),
  MLDSA44: plain('mldsa', 'MLDSA44', OID.mlDsa44),
  MLDSA65: plain('mldsa', 'MLDSA65', OID.mlDsa65),
  MLDSA87: plain('mldsa', 'MLDSA87', OID.mlDsa87),
}

const old = [
  { ...rsa('sha1', 'SHA1-RSA', '1.2.840.113549.1.1.5'), old: true },
  { ...ec('sha1', 'ECDSA-SHA1', '1.2.840.10045.4.1'), old: true },
] as const satisfies readonly SignatureAlgorithm[]
const known: readonly SignatureAlgorithm[] = [...Object.values(signatureAlgorithms), ...old]

/** The algorithm of an AlgorithmIdentifier; undefined for one that is not known here. Parameters that say nothing may be left out. */
export function readSignatureAlgorithm(element: Element): SignatureAlgorithm | undefined {
  const exact = known.find(it => it.identifier.equals(element.raw))
  if (exact !== undefined) return exact
  const reader = new Reader(element.content)
  const id = readOid(reader.read())
  if (id === OID.rsaPss) return undefined
  const bare = sequence(oid(id))
  const withNull = sequence(oid(id), NULL)
  return reader.done
    ? known.find(it => it.identifier.equals(withNull))
    : known.find(it => it.identifier.equals(bare) && element.raw.equals(withNull))
}

const TYPES: Readonly<Record<string, KeyFamily>> = {
  rsa: 'rsa',
  ec: 'ec',
  ed25519: 'ed25519',
  'ml-dsa-44': 'mldsa',
  'ml-dsa-65': 'mldsa',
  'ml-dsa-87': 'mldsa',
}
/** undefined: of a kind that does not sign here. */
export const familyOf = (key: KeyObject): KeyFamily | undefined => TYPES[key.asymmetricKeyType ?? '']

const CURVE_BITS: Readonly<Record<string, number>> = { secp224r1: 224, prime256v1: 256, secp384r1: 384, secp521r1: 521 }
/** RSA: of the modulus; EC: of the curve; ML-DSA: of its name; 0 for what has one size. */
export function keyBits(key: KeyObject): number {
  const { modulusLength, namedCurve } = key.asymmetricKeyDetails ?? {}
  if (modulusLength !== undefined) return modulusLength
  if (namedCurve !== undefined) return CURVE_BITS[namedCurve] ?? 0
  return Number(/^ml-dsa-(\d+)$/.exec(key.asymmetricKeyType ?? '')?.[1] ?? 0)
}

/** What a key signs with when nothing is asked for: the hash of its size, and PKCS #1 v1.5 for RSA. */
export function usualAlgorithm(key: KeyObject): SignatureAlgorithm {
  const bits = keyBits(key)
  switch (familyOf(key)) {
    case 'rsa':
      return signatureAlgorithms.SHA256WithRSA
    case 'ec':
      return bits === 521
        ? signatureAlgorithms.ECDSAWithSHA512
        : bits === 384
          ? signatureAlgorithms.ECDSAWithSHA384
          : signatureAlgorithms.ECDSAWithSHA256
    case 'ed25519':
      return signatureAlgorithms.Ed25519
    case 'mldsa':
      return bits === 87 ? signatureAlgorithms.MLDSA87 : bits === 65 ? signatureAlgorithms.MLDSA65 : signatureAlgorithms.MLDSA44
    case undefined:
      throw new Error(`no signatures with keys of type ${key.asymmetricKeyType}`)
  }
}

const options = ({ hash, pss }: SignatureAlgorithm, key: KeyObject): Parameters<typeof verify>[2] & { readonly key: KeyObject } => ({
  key,
  ...(pss && hash && { padding: constants.RSA_PKCS1_PSS_PADDING, saltLength: SALT[hash] }),
})

/** On the thread pool where it takes long (RSA, ML-DSA). */
export function makeSignature(algorithm: SignatureAlgorithm, key: KeyObject, data: Uint8Array): Promise<Buffer> {
  const how = options(algorithm, key)
  const hash = algorithm.hash ?? null
  // An EC signature is done in less time than the way to the pool and back takes; a long text to hash is not.
  if ((algorithm.family === 'ec' || algorithm.family === 'ed25519') && data.length < 16_384)
    return new Promise(resolve => resolve(sign(hash, data, how)))
  return new Promise((resolve, reject) => {
    sign(hash, data, how, (error, signature) => (error === null ? resolve(signature) : reject(error)))
  })
}

export function isSignature(algorithm: SignatureAlgorithm, key: KeyObject, data: Uint8Array, signature: Uint8Array): boolean {
  if (familyOf(key) !== algorithm.family || algorithm.old) return false
  try {
    return verify(algorithm.hash ?? null, data, options(algorithm, key), signature)
  } catch {
    return false
  }
}

/** SubjectPublicKeyInfo. @throws DerError for a key that cannot be read */
export function readPublicKey(spki: Uint8Array): KeyObject {
  try {
    return createPublicKey({ key: Buffer.from(spki), format: 'der', type: 'spki' })
  } catch (cause) {
    throw new DerError('invalid public key', { cause })
  }
}
