/** The values that SSH's messages are made of (RFC 4251, section 5). */

export function uint32Of(value: number): Buffer {
  const bytes = Buffer.alloc(4)
  bytes.writeUInt32BE(value)
  return bytes
}

export function uint64Of(value: bigint): Buffer {
  const bytes = Buffer.alloc(8)
  bytes.writeBigUInt64BE(value)
  return bytes
}

/** A string: its length, then its bytes. */
export function stringOf(value: string | Uint8Array): Buffer {
  const bytes = typeof value === 'string' ? Buffer.from(value) : value
  return Buffer.concat([uint32Of(bytes.length), bytes])
}

/** A whole number that is not negative, from its big-endian bytes: as few as there must be, the first bit 0. */
export function mpintOf(bytes: Uint8Array): Buffer {
  let from = 0
  while (from < bytes.length && bytes[from] === 0) from++
  const short = bytes.subarray(from)
  return stringOf((short[0] ?? 0) > 127 ? Buffer.concat([Buffer.of(0), short]) : short)
}

/** A message ended within a value, or one is not what it has to be. */
export class ShortMessage extends Error {}

/** Reads a message from its front. */
export class Reader {
  readonly #bytes: Buffer
  #at = 0

  constructor(bytes: Uint8Array) {
    this.#bytes = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength)
  }

  #take(count: number): Buffer {
    if (this.#at + count > this.#bytes.length) throw new ShortMessage('a message ends within a value')
    return this.#bytes.subarray(this.#at, (this.#at += count))
  }

  uint32(): number {
    return this.#take(4).readUInt32BE()
  }

  uint64(): bigint {
    return this.#take(8).readBigUInt64BE()
  }

  string(): Buffer {
    return this.#take(this.uint32())
  }

  text(): string {
    return this.string().toString()
  }

  /** The big-endian bytes of a whole number, without zeros before it. */
  mpint(): Buffer {
    const bytes = this.string()
    if ((bytes[0] ?? 0) > 127) throw new ShortMessage('a number is negative')
    let from = 0
    while (from < bytes.length && bytes[from] === 0) from++
    return bytes.subarray(from)
  }

  rest(): Buffer {
    return this.#take(this.#bytes.length - this.#at)
  }

  get isAtEnd(): boolean {
    return this.#at === this.#bytes.length
  }
}
