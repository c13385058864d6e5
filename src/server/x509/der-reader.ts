/** DER (ITU-T X.690): the reader. What it reads comes from strangers: definite lengths in their shortest form only, nothing beyond its end. */
import { TAG } from './der.ts'

/** The bytes are not what they should be. */
export class DerError extends Error {
  override readonly name = 'DerError'
}

export interface Element {
  readonly tag: number
  readonly content: Buffer
  /** The whole element, tag and length included. */
  readonly raw: Buffer
}

/** Reads the elements of a content one after the other. */
export class Reader {
  readonly #bytes: Buffer
  #at = 0

  constructor(bytes: Uint8Array) {
    this.#bytes = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength)
  }

  get done(): boolean {
    return this.#at >= this.#bytes.length
  }

  /** Tag of the next element; undefined at the end. */
  get next(): number | undefined {
    return this.#bytes[this.#at]
  }

  /** @throws DerError unless an element follows, with this tag if one is given */
  read(tag?: number): Element {
    const from = this.#at
    const [found, length] = [this.#bytes[from], this.#bytes[from + 1]]
    if (found === undefined || length === undefined) throw new DerError('data truncated')
    if ((found & 0x1f) === 0x1f) throw new DerError('tags of more than one byte are not used here')
    if (tag !== undefined && found !== tag) throw new DerError(`expected tag ${tag}, found ${found}`)
    let start = from + 2
    let size = length
    if (length >= 0x80) {
      const count = length & 0x7f
      if (count === 0 || count > 4) throw new DerError('length of a form that is not used here')
      size = 0
      for (let i = 0; i < count; i++) size = size * 256 + (this.#bytes[start + i] ?? Number.NaN)
      start += count
      if (Number.isNaN(size) || size < 0x80 || size < 256 ** (count - 1)) throw new DerError('length not in its shortest form')
    }
    const end = start + size
    if (end > this.#bytes.length) throw new DerError('data truncated')
    this.#at = end
    return { tag: found, content: this.#bytes.subarray(start, end), raw: this.#bytes.subarray(from, end) }
  }

  /** The next element, if it has this tag. */
  optional(tag: number): Element | undefined {
    return this.next === tag ? this.read(tag) : undefined
  }

  inside(tag: number = TAG.sequence): Reader {
    return new Reader(this.read(tag).content)
  }

  /** @throws DerError unless all was read */
  end(): void {
    if (!this.done) throw new DerError('trailing data')
  }

  /** All elements that are left. */
  rest(): readonly Element[] {
    const found: Element[] = []
    while (!this.done) found.push(this.read())
    return found
  }
}

/** The only element of these bytes. */
export function whole(bytes: Uint8Array, tag?: number): Element {
  const reader = new Reader(bytes)
  const element = reader.read(tag)
  reader.end()
  return element
}

export function readOid({ content }: Element): string {
  if (content.length === 0 || ((content.at(-1) as number) & 0x80) !== 0) throw new DerError('invalid object identifier')
  const parts: bigint[] = []
  let part = 0n
  let start = true
  for (const byte of content) {
    if (start && byte === 0x80) throw new DerError('invalid object identifier')
    part = (part << 7n) | BigInt(byte & 0x7f)
    start = (byte & 0x80) === 0
    if (start) {
      parts.push(part)
      part = 0n
    }
  }
  const [head = 0n, ...rest] = parts
  const first = head < 40n ? 0n : head < 80n ? 1n : 2n
  return [first, head - first * 40n, ...rest].join('.')
}

/** A whole number of either sign. */
export function readInteger({ content }: Element): bigint {
  const [first, second = 0] = content
  if (first === undefined) throw new DerError('empty integer')
  if (content.length > 1 && ((first === 0 && second < 0x80) || (first === 0xff && second >= 0x80)))
    throw new DerError('integer not in its shortest form')
  return BigInt.asIntN(8 * content.length, BigInt(`0x${content.toString('hex')}`))
}

export function readBoolean({ content }: Element): boolean {
  if (content.length !== 1 || (content[0] !== 0 && content[0] !== 0xff)) throw new DerError('invalid boolean')
  return content[0] === 0xff
}

/** The bytes of a bit string that ends with a byte. */
export function readBits({ content }: Element): Buffer {
  if (content.length === 0 || (content[0] as number) > 7) throw new DerError('invalid bit string')
  return content.subarray(1)
}

const UTC = /^(\d\d)(\d\d)(\d\d)(\d\d)(\d\d)(\d\d)?Z$/
const GENERALIZED = /^(\d{4})(\d\d)(\d\d)(\d\d)(\d\d)(\d\d)Z$/

export function readTime({ tag, content }: Element): Date {
  const found = (tag === TAG.utcTime ? UTC : tag === TAG.generalizedTime ? GENERALIZED : undefined)?.exec(content.toString('latin1'))
  if (!found) throw new DerError('invalid time')
  const [, year, month, day, hour, minute, second = '00'] = found
  const full = tag === TAG.utcTime ? `${Number(year) < 50 ? 20 : 19}${year}` : year
  const at = new Date(`${full}-${month}-${day}T${hour}:${minute}:${second}Z`)
  if (Number.isNaN(at.getTime())) throw new DerError('invalid time')
  return at
}
