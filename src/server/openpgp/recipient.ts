import { createCipheriv, createHash } from 'node:crypto'
import type { Clock, Random } from '../../kernel/index.ts'
import { readCertificate, type EncryptionKey } from './certificate.ts'
import { OpenPgpError } from './error.ts'
import { uint } from './octets.ts'
import { packet, TAG } from './packets.ts'
import { sessionKeyFor } from './session-key.ts'

/** The holder of a public key. */
export interface Recipient {
  /** Of the primary key, lower-case hexadecimal. */
  readonly fingerprint: string
  /** A whole message, in binary. */
  encrypt(message: Uint8Array): Promise<Uint8Array>
}

/** Reads a key as clients send it: its binary form in base64. Throws an OpenPgpError. */
export function createReadRecipient({ random, clock }: { readonly random: Random; readonly clock: Clock }): (key: string) => Recipient {
  return text => {
    if (text.startsWith('keybase:')) throw new OpenPgpError('keys are not fetched from Keybase: expected the public key itself, in base64')
    const certificate = readCertificate(decoded(text), clock.now())
    return { fingerprint: certificate.fingerprint, encrypt: async message => encrypted(certificate, message, random) }
  }
}

function decoded(text: string): Buffer {
  const plain = text.replaceAll(/[\r\n]/g, '')
  const bad = /[^A-Za-z0-9+/]/.exec(plain.replace(/={1,2}$/, ''))
  if (bad !== null || plain.length % 4 !== 0 || plain === '') {
    const at = bad?.index ?? Math.floor(plain.length / 4) * 4
    throw new OpenPgpError(`error decoding given PGP key: illegal base64 data at input byte ${at}`, { within: String(at) })
  }
  return Buffer.from(plain, 'base64')
}

/** AES with keys of 256, 192 and 128 bits: the first that the holder prefers. */
const CIPHERS = [
  { id: 9, name: 'aes-256-cfb', length: 32 },
  { id: 8, name: 'aes-192-cfb', length: 24 },
  { id: 7, name: 'aes-128-cfb', length: 16 },
] as const
const BLOCK = 16

/** A session key, and under it the literal data with its digest (RFC 9580, section 5.13.1, version 1: what every OpenPGP reads). */
function encrypted({ key, ciphers }: EncryptionKey, message: Uint8Array, random: Random): Buffer {
  const cipher = CIPHERS.find(it => ciphers.includes(it.id)) ?? CIPHERS[0]
  const sessionKey = Buffer.from(random.bytes(cipher.length))
  const start = random.bytes(BLOCK)
  const literal = packet(TAG.literal, Buffer.from('b'), uint(0, 1), uint(0, 4), message)
  const plain = Buffer.concat([start, start.subarray(-2), literal, Buffer.from([0xc0 | TAG.digest, 20])])
  const digest = createHash('sha1').update(plain).digest()
  const stream = createCipheriv(cipher.name, sessionKey, Buffer.alloc(BLOCK))
  try {
    const sealed = Buffer.concat([uint(1, 1), stream.update(plain), stream.update(digest), stream.final()])
    return Buffer.concat([sessionKeyFor(key, cipher.id, sessionKey), packet(TAG.sealed, sealed)])
  } finally {
    for (const secret of [sessionKey, plain, literal]) secret.fill(0)
  }
}
