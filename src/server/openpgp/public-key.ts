/** Public keys of version 4 (RFC 9580, sections 5.5.2 and 5.5.5), as far as they can be encrypted to or verify a signature. */
import { createHash, createPublicKey, type JsonWebKey, type KeyObject } from 'node:crypto'
import { OpenPgpError } from './error.ts'
import { Octets, padded, uint } from './octets.ts'

interface Nist {
  readonly oid: string
  /** As JSON Web Keys name it (RFC 7518, section 6.2.1.1). */
  readonly crv: string
  /** As OpenSSL names it. */
  readonly name: string
  readonly size: number
}
const NIST: readonly Nist[] = [
  { oid: '2a8648ce3d030107', crv: 'P-256', name: 'prime256v1', size: 32 },
  { oid: '2b81040022', crv: 'P-384', name: 'secp384r1', size: 48 },
  { oid: '2b81040023', crv: 'P-521', name: 'secp521r1', size: 66 },
]
const CURVE25519 = '2b060104019755010501'
const ED25519 = '2b06010401da470f01'

/** What is needed beside the key, to encrypt to it over a curve (RFC 9580, section 11.5). */
export interface Ecdh {
  readonly curve: 'x25519' | Nist
  readonly oid: Buffer
  readonly hash: string
  readonly hashId: number
  readonly cipherId: number
}
export type Material =
  | { readonly is: 'rsa'; readonly key: KeyObject; readonly encrypts: boolean; readonly size: number }
  | { readonly is: 'ecdh'; readonly key: KeyObject; readonly ecdh: Ecdh }
  | { readonly is: 'ecdsa'; readonly key: KeyObject; readonly size: number }
  | { readonly is: 'eddsa'; readonly key: KeyObject }
  /** An algorithm that is not known here. */
  | { readonly is: 'other'; readonly algorithm: number }

export interface PublicKey {
  readonly body: Buffer
  readonly created: number
  readonly algorithm: number
  readonly material: Material
  /** Lower-case hexadecimal. */
  readonly fingerprint: string
  readonly id: Buffer
}

export const HASHES: Readonly<Record<number, string>> = { 2: 'sha1', 8: 'sha256', 9: 'sha384', 10: 'sha512', 11: 'sha224' }

/** What a signature or a fingerprint takes of a key. */
export const hashed = ({ body }: { readonly body: Uint8Array }): Buffer => Buffer.concat([uint(0x99, 1), uint(body.length, 2), body])

export function readPublicKey(body: Buffer): PublicKey {
  const from = new Octets(body)
  const version = from.octet()
  if (version !== 4) throw OpenPgpError.unsupported(`public key version ${version}`)
  const created = from.number(4)
  const algorithm = from.octet()
  const digest = createHash('sha1').update(hashed({ body })).digest()
  return { body, created, algorithm, material: materialOf(algorithm, from), fingerprint: digest.toString('hex'), id: digest.subarray(-8) }
}

function materialOf(algorithm: number, from: Octets): Material {
  if (algorithm >= 1 && algorithm <= 3) return rsa(from, algorithm !== 3)
  if (algorithm === 18) return ecdh(from)
  if (algorithm === 19) return ecdsa(from)
  if (algorithm === 22) return eddsa(from)
  return { is: 'other', algorithm }
}

function imported(jwk: JsonWebKey): KeyObject {
  try {
    return createPublicKey({ key: jwk, format: 'jwk' })
  } catch (cause) {
    throw new OpenPgpError('error parsing given PGP key: openpgp: invalid data: the key material is no key', { cause })
  }
}

const text = (bytes: Uint8Array): string => Buffer.from(bytes).toString('base64url')

function rsa(from: Octets, encrypts: boolean): Material {
  const [n, e] = [from.mpi(), from.mpi()]
  return { is: 'rsa', key: imported({ kty: 'RSA', n: text(n), e: text(e) }), encrypts, size: n.length }
}

const oidOf = (from: Octets): Buffer => from.take(from.octet())

function point(curve: Nist, bytes: Buffer): KeyObject {
  if (bytes[0] !== 4 || bytes.length !== 1 + 2 * curve.size) throw OpenPgpError.invalid('a point that is not on its curve')
  const [x, y] = [bytes.subarray(1, 1 + curve.size), bytes.subarray(1 + curve.size)]
  return imported({ kty: 'EC', crv: curve.crv, x: text(x), y: text(y) })
}

/** A point of a Montgomery or Edwards curve, behind the octet that says so. */
function native(crv: 'X25519' | 'Ed25519', bytes: Buffer): KeyObject {
  if (bytes[0] !== 0x40 || bytes.length !== 33) throw OpenPgpError.invalid('a point that is not on its curve')
  return imported({ kty: 'OKP', crv, x: text(bytes.subarray(1)) })
}

function ecdh(from: Octets): Material {
  const oid = oidOf(from)
  const bytes = from.mpi()
  const parameters = new Octets(from.take(from.octet()))
  const [reserved, hashId, cipherId] = [parameters.octet(), parameters.octet(), parameters.octet()]
  const hash = HASHES[hashId]
  if (reserved !== 1 || hash === undefined || cipherId < 7 || cipherId > 9) throw OpenPgpError.unsupported('the parameters of an ECDH key')
  const curve = oid.toString('hex') === CURVE25519 ? 'x25519' : NIST.find(it => it.oid === oid.toString('hex'))
  if (curve === undefined) return { is: 'other', algorithm: 18 }
  const key = curve === 'x25519' ? native('X25519', bytes) : point(curve, bytes)
  return { is: 'ecdh', key, ecdh: { curve, oid, hash, hashId, cipherId } }
}

function ecdsa(from: Octets): Material {
  const oid = oidOf(from).toString('hex')
  const bytes = from.mpi()
  const curve = NIST.find(it => it.oid === oid)
  return curve === undefined ? { is: 'other', algorithm: 19 } : { is: 'ecdsa', key: point(curve, bytes), size: curve.size }
}

function eddsa(from: Octets): Material {
  const oid = oidOf(from).toString('hex')
  const bytes = from.mpi()
  return oid === ED25519 ? { is: 'eddsa', key: native('Ed25519', padded(bytes, 33)) } : { is: 'other', algorithm: 22 }
}
