import type { Random } from '../../../kernel/index.ts'

const DRAW = 4096

/** Random bytes that are no secret, drawn many at a time: the operating system is asked once for hundreds of nonces. */
export class Nonces {
  readonly #random: Random
  #drawn: Uint8Array = new Uint8Array()
  #used = 0

  constructor(random: Random) {
    this.#random = random
  }

  /** Bytes that nobody has been given before. */
  take(count: number): Uint8Array {
    if (this.#used + count > this.#drawn.length) {
      this.#drawn = this.#random.bytes(DRAW)
      this.#used = 0
    }
    this.#used += count
    return this.#drawn.subarray(this.#used - count, this.#used)
  }
}
