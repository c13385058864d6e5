import { createHmac, createSecretKey, type KeyObject } from 'node:crypto'
import { nativeNumber } from '../../kernel/index.ts'

/** Strings of one device that come again and again: tokens and accessors. */
const CACHED = 8192

/** HMAC-SHA256 under the salt of one device: equal strings look equal, and nobody can tell what they are. */
export class Hasher {
  readonly #salt: KeyObject
  readonly #known = new Map<string, string>()

  /** `salt`: the text that the device keeps; it is the key as it stands. */
  constructor(salt: string) {
    this.#salt = createSecretKey(Buffer.from(salt))
  }

  hash(text: string): string {
    return `hmac-sha256:${createHmac('sha256', this.#salt).update(text).digest('hex')}`
  }

  /** The same, remembered: for tokens and accessors, never for what is in a secret. */
  hashOften(text: string): string {
    const known = this.#known.get(text)
    if (known !== undefined) return known
    if (this.#known.size >= CACHED) this.#known.clear()
    const hashed = this.hash(text)
    this.#known.set(text, hashed)
    return hashed
  }

  /** A copy in which every string is hashed, but for those directly under one of the `clear` keys, or in a list there. */
  hashTree(value: unknown, clear: readonly string[] | undefined, key: string = ''): unknown {
    if (typeof value === 'string') return clear !== undefined && clear.includes(key) ? value : this.hash(value)
    if (typeof value !== 'object' || value === null) return value
    if (Array.isArray(value)) return value.map(it => this.hashTree(it, clear, key))
    // A number that is kept as it was written is an object of its own kind, and no text.
    if (typeof nativeNumber(value) === 'number') return value
    if (value instanceof Uint8Array) return this.hash(Buffer.from(value).toString('base64'))
    const out: Record<string, unknown> = Object.create(null)
    for (const [name, inner] of Object.entries(value)) out[name] = this.hashTree(inner, clear, name)
    return out
  }
}
