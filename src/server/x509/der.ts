/** DER (ITU-T X.690): the writer. Every function gives one whole element, tag and length included. */

const concat = (parts: readonly Uint8Array[]): Buffer => (parts.length === 1 ? Buffer.from(parts[0] as Uint8Array) : Buffer.concat(parts))

/** Tags of this module: universal ones as they stand on the wire, with the bit for "constructed". */
export const TAG = {
  boolean: 0x01,
  integer: 0x02,
  bitString: 0x03,
  octetString: 0x04,
  null: 0x05,
  oid: 0x06,
  enumerated: 0x0a,
  utf8: 0x0c,
  printable: 0x13,
  teletex: 0x14,
  ia5: 0x16,
  utcTime: 0x17,
  generalizedTime: 0x18,
  bmp: 0x1e,
  sequence: 0x30,
  set: 0x31,
} as const

export function tlv(tag: number, ...parts: readonly Uint8Array[]): Buffer {
  let length = 0
  for (const part of parts) length += part.length
  const head = header(tag, length)
  const out = Buffer.allocUnsafe(head.length + length)
  head.copy(out)
  let at = head.length
  for (const part of parts) {
    out.set(part, at)
    at += part.length
  }
  return out
}

/** Tag and length of an element whose content is written elsewhere. */
export function header(tag: number, length: number): Buffer {
  if (length < 0x80) return Buffer.from([tag, length])
  const bytes: number[] = []
  for (let rest = length; rest > 0; rest = Math.floor(rest / 256)) bytes.unshift(rest % 256)
  return Buffer.from([tag, 0x80 | bytes.length, ...bytes])
}

export const sequence = (...parts: readonly Uint8Array[]): Buffer => tlv(TAG.sequence, ...parts)

/** A SET OF: its elements in the order of their encodings (X.690, section 11.6). */
export const setOf = (parts: readonly Uint8Array[]): Buffer => tlv(TAG.set, ...parts.toSorted(Buffer.compare))

export const NULL: Buffer = Buffer.from([TAG.null, 0])

export const boolean = (value: boolean): Buffer => tlv(TAG.boolean, Buffer.from([value ? 0xff : 0]))

/** A whole number, or the big-endian bytes of one that is not negative. */
export function integer(value: number | bigint | Uint8Array): Buffer {
  return tlv(TAG.integer, typeof value === 'object' ? unsigned(value) : magnitude(BigInt(value)))
}

export function unsigned(value: Uint8Array): Buffer {
  let from = 0
  while (from < value.length - 1 && value[from] === 0) from++
  const bytes = value.subarray(from)
  if (bytes.length === 0) return Buffer.from([0])
  return (bytes[0] as number) & 0x80 ? concat([Buffer.from([0]), bytes]) : Buffer.from(bytes)
}

function magnitude(value: bigint): Buffer {
  if (value >= 0n) {
    const hex = value.toString(16)
    return unsigned(Buffer.from(hex.length % 2 === 0 ? hex : `0${hex}`, 'hex'))
  }
  let bytes = 1
  while (value < -(1n << BigInt(8 * bytes - 1))) bytes++
  return Buffer.from((value + (1n << BigInt(8 * bytes))).toString(16).padStart(2 * bytes, '0'), 'hex')
}

export const octetString = (value: Uint8Array): Buffer => tlv(TAG.octetString, value)
export const bitString = (value: Uint8Array, unusedBits = 0): Buffer => tlv(TAG.bitString, Buffer.from([unusedBits]), value)
export const utf8String = (text: string): Buffer => tlv(TAG.utf8, Buffer.from(text))
export const ia5String = (text: string): Buffer => tlv(TAG.ia5, Buffer.from(text, 'latin1'))

const PRINTABLE = /^[A-Za-z0-9 '()+,\-./:=?]*$/
/** The plainest form that can hold the text: PrintableString, else UTF8String. */
export const text = (value: string): Buffer =>
  PRINTABLE.test(value) ? tlv(TAG.printable, Buffer.from(value, 'latin1')) : utf8String(value)

const OID = /^(?:[01]\.(?:[1-3]?\d)|2\.\d+)(?:\.\d+)*$/
export const isOid = (dotted: string): boolean => OID.test(dotted)

const encodedOids = new Map<string, Buffer>()
/** @throws Error for what is no object identifier */
export function oid(dotted: string): Buffer {
  const known = encodedOids.get(dotted)
  if (known !== undefined) return known
  if (!OID.test(dotted)) throw new Error(`${JSON.stringify(dotted)} is no object identifier`)
  const [first, second, ...rest] = dotted.split('.').map(BigInt) as [bigint, bigint, ...bigint[]]
  const bytes: number[] = []
  for (const part of [first * 40n + second, ...rest]) {
    const group = [Number(part & 0x7fn)]
    for (let left = part >> 7n; left > 0n; left >>= 7n) group.unshift(Number(left & 0x7fn) | 0x80)
    bytes.push(...group)
  }
  const made = tlv(TAG.oid, Buffer.from(bytes))
  // What others send is not worth remembering without a bound.
  if (encodedOids.size < 500) encodedOids.set(dotted, made)
  return made
}

/** UTCTime until 2049, GeneralizedTime from then on (RFC 5280, section 4.1.2.5). */
export function time(at: Date): Buffer {
  const year = at.getUTCFullYear()
  return year >= 1950 && year < 2050 ? tlv(TAG.utcTime, Buffer.from(digits(at).slice(2), 'latin1')) : generalizedTime(at)
}
export const generalizedTime = (at: Date): Buffer => tlv(TAG.generalizedTime, Buffer.from(digits(at), 'latin1'))

const digits = (at: Date): string => `${at.toISOString().replace(/\..*$/, '').replaceAll(/[-:T]/g, '')}Z`

/** `[n] EXPLICIT`, and `[n] IMPLICIT` of what is constructed. */
export const constructed = (n: number, ...parts: readonly Uint8Array[]): Buffer => tlv(0xa0 | n, ...parts)
/** `[n] IMPLICIT` of what is primitive. */
export const primitive = (n: number, value: Uint8Array): Buffer => tlv(0x80 | n, value)
