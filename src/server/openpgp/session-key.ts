/** A session key for a public key (RFC 9580, section 5.1, version 3). */
import {
  constants,
  createCipheriv,
  createECDH,
  createHash,
  diffieHellman,
  generateKeyPairSync,
  publicEncrypt,
  type KeyObject,
} from 'node:crypto'
import { OpenPgpError } from './error.ts'
import { mpi, uint } from './octets.ts'
import { packet, TAG } from './packets.ts'
import type { Ecdh, PublicKey } from './public-key.ts'

export function sessionKeyFor(key: PublicKey, cipherId: number, sessionKey: Buffer): Buffer {
  const sum = sessionKey.reduce((total, it) => (total + it) & 0xffff, 0)
  const message = Buffer.concat([uint(cipherId, 1), sessionKey, uint(sum, 2)])
  try {
    return packet(TAG.sessionKey, uint(3, 1), key.id, uint(key.algorithm, 1), ...encrypted(key, message))
  } finally {
    message.fill(0)
  }
}

function encrypted({ material, fingerprint }: PublicKey, message: Buffer): readonly Buffer[] {
  switch (material.is) {
    case 'rsa':
      return [mpi(publicEncrypt({ key: material.key, padding: constants.RSA_PKCS1_PADDING }, message))]
    case 'ecdh': {
      const { point, shared } = agree(material.key, material.ecdh)
      const wrapped = wrap(kdf(material.ecdh, fingerprint, shared), toEights(message))
      shared.fill(0)
      return [mpi(point), uint(wrapped.length, 1), wrapped]
    }
    default:
      throw OpenPgpError.unsupported('a key that cannot be encrypted to')
  }
}

/** With a key of this message's own. */
function agree(theirs: KeyObject, { curve }: Ecdh): { readonly point: Buffer; readonly shared: Buffer } {
  if (curve === 'x25519') {
    const { publicKey, privateKey } = generateKeyPairSync('x25519')
    const { x = '' } = publicKey.export({ format: 'jwk' })
    return { point: Buffer.concat([uint(0x40, 1), Buffer.from(x, 'base64url')]), shared: diffieHellman({ privateKey, publicKey: theirs }) }
  }
  const own = createECDH(curve.name)
  const point = own.generateKeys()
  const { x = '', y = '' } = theirs.export({ format: 'jwk' })
  const their = Buffer.concat([uint(4, 1), Buffer.from(x, 'base64url'), Buffer.from(y, 'base64url')])
  return { point, shared: own.computeSecret(their) }
}

const KEY_LENGTH: Readonly<Record<number, number>> = { 7: 16, 8: 24, 9: 32 }

/** RFC 9580, section 11.5. */
function kdf({ oid, hash, hashId, cipherId }: Ecdh, fingerprint: string, shared: Buffer): Buffer {
  const parameters = Buffer.concat([
    uint(oid.length, 1),
    oid,
    uint(18, 1),
    Buffer.from([3, 1, hashId, cipherId]),
    Buffer.from('Anonymous Sender    '),
    Buffer.from(fingerprint, 'hex'),
  ])
  return createHash(hash)
    .update(Buffer.concat([uint(1, 4), shared, parameters]))
    .digest()
    .subarray(0, KEY_LENGTH[cipherId])
}

/** PKCS #5 padding to a multiple of eight, at least one octet. */
function toEights(message: Buffer): Buffer {
  const count = 8 - (message.length % 8)
  return Buffer.concat([message, Buffer.alloc(count, count)])
}

/** AES key wrap (RFC 3394). */
function wrap(key: Buffer, message: Buffer): Buffer {
  const cipher = createCipheriv(`id-aes${key.length * 8}-wrap`, key, Buffer.alloc(8, 0xa6))
  return Buffer.concat([cipher.update(message), cipher.final()])
}
