import { createHmac, timingSafeEqual } from 'node:crypto'

export const ALGORITHMS = ['SHA1', 'SHA256', 'SHA512'] as const
export type Algorithm = (typeof ALGORITHMS)[number]

/** What codes are made of, and for whom. */
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

export const stepAt = (key: Key, now: Date): number => Math.floor(now.getTime() / 1000 / key.period)

/** The code of a step: RFC 4226, section 5.3, where the low four bits of the last byte say which 31 bits are taken. */
export function codeOf(key: Key, step: number): string {
  const counter = Buffer.alloc(8)
  counter.writeBigUInt64BE(BigInt(step))
  const mac = createHmac(key.algorithm, Buffer.from(key.secret, 'hex')).update(counter).digest()
  const bits = mac.readUInt32BE(mac.readUInt8(mac.length - 1) & 15) & 0x7fff_ffff
  return String(bits % 10 ** key.digits).padStart(key.digits, '0')
}

const isSame = (a: string, b: string): boolean => {
  const [one, other] = [Buffer.from(a), Buffer.from(b)]
  return one.length === other.length && timingSafeEqual(one, other)
}

/** The step that a code is of, among those that may be shown now; all are looked at, so that none is told by the time it takes. */
function stepOf(key: Key, code: string, now: Date): number | undefined {
  const current = stepAt(key, now)
  let found: number | undefined
  for (let step = Math.max(0, current - key.skew); step <= current + key.skew; step++) if (isSame(codeOf(key, step), code)) found ??= step
  return found
}

/** Whether a code is good, good but taken already, or wrong; and the key that remembers that it is taken now (RFC 6238, section 5.2). */
export type Taken<K extends Key> = { readonly is: 'taken'; readonly key: K } | { readonly is: 'used' } | { readonly is: 'wrong' }

export function take<K extends Key>(key: K, code: string, now: Date): Taken<K> {
  const step = stepOf(key, code, now)
  const used = key.used ?? []
  if (used.some(it => isSame(codeOf(key, it), code))) return { is: 'used' }
  if (step === undefined) return { is: 'wrong' }
  const earliest = stepAt(key, now) - key.skew
  return { is: 'taken', key: { ...key, used: [...used.filter(it => it >= earliest), step] } }
}
