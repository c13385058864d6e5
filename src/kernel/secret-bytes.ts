import { inspect } from 'node:util'

/**
 * Key material. It refuses every way in which it could reach a log by accident (JSON, inspect, string), and `wipe`
 * overwrites it. It owns its bytes: it is made from a copy, and `reveal` lends them, it does not give them away.
 */
export class SecretBytes {
  readonly #bytes: Buffer

  private constructor(bytes: Buffer) {
    this.#bytes = bytes
  }

  static from(bytes: Uint8Array): SecretBytes {
    return new SecretBytes(Buffer.from(bytes))
  }

  get length(): number {
    return this.#bytes.length
  }

  /** The bytes themselves, for one call into a primitive. Do not keep them. */
  reveal(): Buffer {
    return this.#bytes
  }

  wipe(): void {
    this.#bytes.fill(0)
  }

  toJSON(): string {
    return '[secret]'
  }

  toString(): string {
    return '[secret]'
  }
}

// What util.inspect and console.log print. Defined here, since a computed member cannot be declared under isolatedDeclarations.
Object.defineProperty(SecretBytes.prototype, inspect.custom, { value: () => '[secret]' })
