/** Packets (RFC 9580, section 4.2). */
import { OpenPgpError } from './error.ts'
import { Octets, uint } from './octets.ts'

export interface Packet {
  readonly tag: number
  readonly body: Buffer
}

export const TAG = {
  sessionKey: 1,
  signature: 2,
  publicKey: 6,
  literal: 11,
  userId: 13,
  publicSubkey: 14,
  userAttribute: 17,
  sealed: 18,
  digest: 19,
} as const

/** Both forms of headers. Partial lengths are for data that is streamed; a key has none. */
export function readPackets(bytes: Uint8Array): readonly Packet[] {
  const from = new Octets(bytes)
  const packets: Packet[] = []
  while (from.left > 0) {
    const head = from.octet()
    if ((head & 0x80) === 0) throw OpenPgpError.invalid('tag byte does not have MSB set')
    const isNew = (head & 0x40) !== 0
    const length = isNew ? newLength(from) : oldLength(from, head & 3)
    packets.push({ tag: isNew ? head & 0x3f : (head >> 2) & 0x0f, body: from.take(length) })
  }
  return packets
}

function oldLength(from: Octets, type: number): number {
  if (type === 3) throw OpenPgpError.invalid('a packet of indeterminate length in a key')
  return from.number(1 << type)
}

/** Also of signature subpackets, which have no partial lengths. */
export function newLength(from: Octets, partial = true): number {
  const first = from.octet()
  if (first < 192) return first
  if (first === 255) return from.number(4)
  if (first >= 224 && partial) throw OpenPgpError.invalid('a packet of partial length in a key')
  return ((first - 192) << 8) + from.octet() + 192
}

/** With a header of the new form. */
export const packet = (tag: number, ...parts: readonly Uint8Array[]): Buffer => {
  const body = Buffer.concat(parts)
  const head = Buffer.from([0xc0 | tag])
  if (body.length < 192) return Buffer.concat([head, uint(body.length, 1), body])
  if (body.length < 8384) return Buffer.concat([head, uint(body.length - 192 + (192 << 8), 2), body])
  return Buffer.concat([head, uint(255, 1), uint(body.length, 4), body])
}
