import { OpenPgpError } from './error.ts'

/** Reads on from the front; too little is an error. */
export class Octets {
  readonly #bytes: Uint8Array
  #at = 0

  constructor(bytes: Uint8Array) {
    this.#bytes = bytes
  }

  get left(): number {
    return this.#bytes.length - this.#at
  }

  take(count: number): Buffer {
    if (count > this.left) throw OpenPgpError.invalid('unexpected EOF')
    this.#at += count
    return Buffer.from(this.#bytes.subarray(this.#at - count, this.#at))
  }

  octet(): number {
    return this.take(1)[0] as number
  }

  number(count: number): number {
    return this.take(count).readUIntBE(0, count)
  }

  /** A multiprecision integer (RFC 9580, section 3.2), without leading zeros. */
  mpi(): Buffer {
    return this.take(Math.ceil(this.number(2) / 8))
  }

  rest(): Buffer {
    return this.take(this.left)
  }
}

/** A multiprecision integer, of bytes that may begin with zeros. */
export function mpi(value: Uint8Array): Buffer {
  const first = value.findIndex(it => it !== 0)
  const bytes = first < 0 ? value.subarray(0, 0) : value.subarray(first)
  const bits = bytes.length === 0 ? 0 : bytes.length * 8 + 24 - Math.clz32(bytes[0] as number)
  return Buffer.concat([uint(bits, 2), bytes])
}

export function uint(value: number, length: number): Buffer {
  const bytes = Buffer.alloc(length)
  bytes.writeUIntBE(value, 0, length)
  return bytes
}

/** With zeros before it, as some algorithms want a number of so many bytes. */
export const padded = (bytes: Uint8Array, length: number): Buffer =>
  bytes.length >= length ? Buffer.from(bytes) : Buffer.concat([Buffer.alloc(length - bytes.length), bytes])
