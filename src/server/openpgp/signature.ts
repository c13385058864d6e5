/** Signatures of a key over itself, its names and its subkeys (RFC 9580, section 5.2), and what they say of them. */
import { constants, createHash, timingSafeEqual, verify } from 'node:crypto'
import { Octets, padded, uint } from './octets.ts'
import { newLength } from './packets.ts'
import { HASHES, type PublicKey } from './public-key.ts'

export const KIND = {
  certification: [0x10, 0x11, 0x12, 0x13],
  subkey: 0x18,
  key: 0x1f,
  keyRevocation: 0x20,
  subkeyRevocation: 0x28,
} as const

export interface Signature {
  readonly type: number
  readonly algorithm: number
  readonly hash: string
  /** What is hashed after the data that is signed. */
  readonly trailer: Buffer
  readonly leftBits: Buffer
  readonly values: Buffer
  /** Seconds since 1970. */
  readonly created: number
  /** Seconds after its creation; 0 for never. */
  readonly expiresIn: number
  /** Seconds after the key's creation; 0 for never. */
  readonly keyExpiresIn: number
  /** Undefined: it says nothing. */
  readonly flags: number | undefined
  /** In the order of preference. */
  readonly ciphers: readonly number[]
  readonly primary: boolean
}

/** Undefined: of a version or hash that is not known here, so that it cannot count. */
export function readSignature(body: Buffer): Signature | undefined {
  const from = new Octets(body)
  if (from.octet() !== 4) return undefined
  const [type, algorithm, hashId] = [from.octet(), from.octet(), from.octet()]
  const subpackets = from.take(from.number(2))
  const hash = HASHES[hashId]
  if (hash === undefined) return undefined
  // What is not hashed anybody can write: it says nothing here.
  from.take(from.number(2))
  const head = body.subarray(0, 6 + subpackets.length)
  const trailer = Buffer.concat([head, Buffer.from([4, 0xff]), uint(head.length, 4)])
  const leftBits = from.take(2)
  return { type, algorithm, hash, trailer, leftBits, values: from.rest(), ...said(subpackets) }
}

type Said = Pick<Signature, 'created' | 'expiresIn' | 'keyExpiresIn' | 'flags' | 'ciphers' | 'primary'>

function said(subpackets: Buffer): Said {
  const from = new Octets(subpackets)
  const found = new Map<number, Buffer>()
  while (from.left > 0) {
    const one = from.take(newLength(from, false))
    if (one.length > 0) found.set((one[0] as number) & 0x7f, one.subarray(1))
  }
  const seconds = (type: number): number => {
    const bytes = found.get(type)
    return bytes?.length === 4 ? bytes.readUInt32BE() : 0
  }
  return {
    created: seconds(2),
    expiresIn: seconds(3),
    keyExpiresIn: seconds(9),
    flags: found.get(27)?.[0],
    ciphers: [...(found.get(11) ?? [])],
    primary: found.get(25)?.[0] === 1,
  }
}

/** Whether the key has made it over this data. */
export function isBy({ material }: PublicKey, signature: Signature, data: Buffer): boolean {
  const whole = Buffer.concat([data, signature.trailer])
  const digest = createHash(signature.hash).update(whole).digest()
  if (!timingSafeEqual(digest.subarray(0, 2), signature.leftBits)) return false
  const values = new Octets(signature.values)
  try {
    switch (material.is) {
      case 'rsa':
        return verify(
          signature.hash,
          whole,
          { key: material.key, padding: constants.RSA_PKCS1_PADDING },
          padded(values.mpi(), material.size),
        )
      case 'ecdsa': {
        const [r, s] = [padded(values.mpi(), material.size), padded(values.mpi(), material.size)]
        return verify(signature.hash, whole, { key: material.key, dsaEncoding: 'ieee-p1363' }, Buffer.concat([r, s]))
      }
      case 'eddsa': {
        const [r, s] = [padded(values.mpi(), 32), padded(values.mpi(), 32)]
        // Of the digest, as RFC 9580, section 5.2.3.3, has it.
        return verify(null, digest, material.key, Buffer.concat([r, s]))
      }
      default:
        return false
    }
  } catch {
    // Numbers of a size that no signature has.
    return false
  }
}
