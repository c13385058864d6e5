/** Public keys as SSH writes them (RFC 4253, section 6.6; RFC 5656, section 3.1; RFC 8709, section 4). */
import { createPublicKey, ECDH, type KeyObject } from 'node:crypto'
import { goQuote } from '../../../kernel/index.ts'
import { fromBase64 } from '../../framework/index.ts'
import { mpintOf, Reader, ShortMessage, stringOf } from './wire.ts'

/** Why a text is no public key, in the peer's words. */
export class KeyRefused extends Error {}

export type Family = 'rsa' | 'dsa' | 'ecdsa' | 'ed25519' | 'sk'

export interface SshPublicKey {
  /** As in the key itself: `ssh-ed25519`. */
  readonly type: string
  readonly family: Family
  /** Of the modulus, or of the curve; 0 where nothing is to be chosen. */
  readonly bits: number
  /** The whole key, and what follows its type: that is what certificates repeat. */
  readonly blob: Buffer
  readonly body: Buffer
}

/** The curves of RFC 5656, section 10.1, that are required. */
export const CURVES = {
  nistp256: { bits: 256, openssl: 'prime256v1', jwk: 'P-256', hash: 'sha256' },
  nistp384: { bits: 384, openssl: 'secp384r1', jwk: 'P-384', hash: 'sha384' },
  nistp521: { bits: 521, openssl: 'secp521r1', jwk: 'P-521', hash: 'sha512' },
} as const
export type CurveName = keyof typeof CURVES
export const isCurve = (name: string): name is CurveName => Object.hasOwn(CURVES, name)

const SHORT = 'ssh: short read'

/** The key in a line such as `ssh-ed25519 AAAA… ann@example.com`, or its middle alone. */
export function parsePublicKey(line: string): SshPublicKey {
  const parts = line.split(' ')
  const read = fromBase64(parts.length > 1 ? (parts[1] as string) : line)
  if ('wrongAt' in read) throw new KeyRefused(`illegal base64 data at input byte ${read.wrongAt}`)
  return readPublicKey(read.bytes)
}

export function readPublicKey(blob: Buffer): SshPublicKey {
  const reader = new Reader(blob)
  let type: string
  try {
    type = reader.text()
  } catch (cause) {
    throw new KeyRefused(SHORT, { cause })
  }
  const facts = factsOf(type, reader)
  if (!reader.isAtEnd) throw new KeyRefused('ssh: trailing junk in public key')
  return { type, family: facts.family, bits: facts.bits, blob, body: blob.subarray(4 + Buffer.byteLength(type)) }
}

type Facts = Pick<SshPublicKey, 'family' | 'bits'>

function factsOf(type: string, reader: Reader): Facts {
  const isEmpty = reader.isAtEnd
  try {
    switch (type) {
      case 'ssh-rsa':
        return rsa(reader)
      case 'ssh-dss':
        return dsa(reader)
      case 'ecdsa-sha2-nistp256':
      case 'ecdsa-sha2-nistp384':
      case 'ecdsa-sha2-nistp521':
        return ecdsa(reader, type)
      case 'ssh-ed25519':
        return ed25519(reader.string())
      case 'sk-ecdsa-sha2-nistp256@openssh.com':
        ecdsa(reader, 'ecdsa-sha2-nistp256')
        reader.string()
        return { family: 'sk', bits: 256 }
      case 'sk-ssh-ed25519@openssh.com':
        ed25519(reader.string())
        reader.string()
        return { family: 'sk', bits: 0 }
      default:
        throw new KeyRefused(`ssh: unknown key algorithm: ${type}`)
    }
  } catch (cause) {
    if (cause instanceof ShortMessage) throw new KeyRefused(isEmpty ? 'ssh: parse error in message type 0' : SHORT, { cause })
    throw cause
  }
}

const bitsOf = (number: Buffer): number => (number.length === 0 ? 0 : (number.length - 1) * 8 + (32 - Math.clz32(number[0] as number)))

function rsa(reader: Reader): Facts {
  const exponent = reader.mpint()
  const modulus = reader.mpint()
  if (bitsOf(exponent) > 24) throw new KeyRefused('ssh: exponent too large')
  const value = exponent.reduce((sum, byte) => sum * 256 + byte, 0)
  if (value < 3 || value % 2 === 0) throw new KeyRefused('ssh: incorrect exponent')
  return { family: 'rsa', bits: bitsOf(modulus) }
}

function dsa(reader: Reader): Facts {
  const prime = reader.mpint()
  for (let i = 0; i < 3; i++) reader.mpint()
  if (bitsOf(prime) !== 1024) throw new KeyRefused(`ssh: unsupported DSA key size ${bitsOf(prime)}`)
  return { family: 'dsa', bits: 1024 }
}

function ecdsa(reader: Reader, type: string): Facts {
  const curve = reader.text()
  const point = reader.string()
  const found = `ecdsa-sha2-${curve}`
  if (found !== type || !isCurve(curve))
    throw new KeyRefused(`ssh: algorithm type mismatch: expected "${type}", found curve ${goQuote(curve)} (type ${goQuote(found)})`)
  const { bits, openssl } = CURVES[curve]
  try {
    if (point[0] !== 4) throw new KeyRefused('ssh: invalid curve point')
    ECDH.convertKey(point, openssl)
  } catch (cause) {
    throw new KeyRefused('ssh: invalid curve point', { cause })
  }
  return { family: 'ecdsa', bits }
}

function ed25519(key: Buffer): Facts {
  if (key.length !== 32) throw new KeyRefused(`invalid size ${key.length} for Ed25519 public key`)
  return { family: 'ed25519', bits: 0 }
}

const bytesOf = (text: string | undefined): Buffer => Buffer.from(text ?? '', 'base64url')

/** The key in SSH's form; undefined where SSH has none for it. */
export function publicKeyOf(key: KeyObject): SshPublicKey | undefined {
  const jwk = (key.type === 'private' ? createPublicKey(key) : key).export({ format: 'jwk' })
  switch (key.asymmetricKeyType) {
    case 'rsa':
      return readPublicKey(Buffer.concat([stringOf('ssh-rsa'), mpintOf(bytesOf(jwk.e)), mpintOf(bytesOf(jwk.n))]))
    case 'ed25519':
      return readPublicKey(Buffer.concat([stringOf('ssh-ed25519'), stringOf(bytesOf(jwk.x))]))
    case 'ec': {
      const curve = Object.entries(CURVES).find(([, it]) => it.jwk === jwk.crv)?.[0]
      if (curve === undefined) return undefined
      const point = Buffer.concat([Buffer.of(4), bytesOf(jwk.x), bytesOf(jwk.y)])
      return readPublicKey(Buffer.concat([stringOf(`ecdsa-sha2-${curve}`), stringOf(curve), stringOf(point)]))
    }
    default:
      return undefined
  }
}

/** As a line of an authorized_keys file (sshd(8)). */
export const authorizedLine = ({ type, blob }: Pick<SshPublicKey, 'type' | 'blob'>): string => `${type} ${blob.toString('base64')}\n`
