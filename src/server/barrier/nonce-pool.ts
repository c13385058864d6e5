import type { Random } from '../../kernel/index.ts'
import { nonceLength } from './record.ts'

const NONCES = 512

/** Draws nonces from one larger draw: the operating system's generator costs 2 µs a call, whatever the size. */
export class NoncePool {
  readonly #random: Random
  #pool: Uint8Array = new Uint8Array(0)
  #next = 0

  constructor(random: Random) {
    this.#random = random
  }

  next(): Uint8Array {
    if (this.#next + nonceLength > this.#pool.length) {
      this.#pool = this.#random.bytes(NONCES * nonceLength)
      this.#next = 0
    }
    const from = this.#next
    this.#next += nonceLength
    return this.#pool.subarray(from, this.#next)
  }
}
