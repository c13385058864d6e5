import { createHmac } from 'node:crypto'
import { collection, type Collection, type View } from '../../logical/index.ts'

export const ALGORITHMS = ['SHA1', 'SHA256', 'SHA512'] as const
export type Algorithm = (typeof ALGORITHMS)[number]

/** A key as kept, `key/<name>`. */
export interface Key {
  readonly issuer: string
  readonly accountName: string
  /** The shared secret: hexadecimal. */
  readonly secret: string
  readonly algorithm: Algorithm
  readonly digits: number
  /** Seconds. */
  readonly period: number
  /** How many periods a code may be early or late: 0 or 1. */
  readonly skew: number
  /** Of which periods a code was taken already, as far as it could be shown again. */
  readonly used?: readonly number[]
}

export const keysOf = (view: View): Collection<Key> => collection<Key>(view, 'key/')

export const stepAt = (key: Key, now: Date): number => Math.floor(now.getTime() / 1000 / key.period)

/** The code of a step: RFC 4226, section 5.3, where the low four bits of the last byte say which 31 bits are taken. */
export function codeOf(key: Key, step: number): string {
  const counter = Buffer.alloc(8)
  counter.writeBigUInt64BE(BigInt(step))
  const mac = createHmac(key.algorithm, Buffer.from(key.secret, 'hex')).update(counter).digest()
  const bits = mac.readUInt32BE(mac.readUInt8(mac.length - 1) & 15) & 0x7fff_ffff
  return String(bits % 10 ** key.digits).padStart(key.digits, '0')
}
