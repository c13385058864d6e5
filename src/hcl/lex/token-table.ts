import type { TokenKind } from './token.ts'

/**
 * Every token of one text, comments too, in text order: four numbers each, in typed arrays, so that a policy of ten thousand
 * tokens costs four allocations. A token's name everywhere in this layer is its index here.
 *
 * Invariants: `start` never decreases; `start ≤ end`; `line` is the line (from 1) of `start`. The last token is EOF once the
 * whole text was read.
 */
export class TokenTable {
  count = 0
  #kinds: Uint8Array
  #starts: Int32Array
  #ends: Int32Array
  #lines: Int32Array

  constructor(expected: number) {
    const room = Math.max(32, expected)
    this.#kinds = new Uint8Array(room)
    this.#starts = new Int32Array(room)
    this.#ends = new Int32Array(room)
    this.#lines = new Int32Array(room)
  }

  /** Offsets in UTF-16 units, `end` behind the last; answers the new token's index. */
  push(kind: TokenKind, start: number, end: number, line: number): number {
    const index = this.count
    if (index === this.#kinds.length) this.#grow()
    this.#kinds[index] = kind
    this.#starts[index] = start
    this.#ends[index] = end
    this.#lines[index] = line
    this.count = index + 1
    return index
  }

  kind(index: number): TokenKind {
    return this.#kinds[index] as number
  }

  start(index: number): number {
    return this.#starts[index] as number
  }

  end(index: number): number {
    return this.#ends[index] as number
  }

  line(index: number): number {
    return this.#lines[index] as number
  }

  #grow(): void {
    const room = this.#kinds.length * 2
    const kinds = new Uint8Array(room)
    kinds.set(this.#kinds)
    this.#kinds = kinds
    this.#starts = larger(this.#starts, room)
    this.#ends = larger(this.#ends, room)
    this.#lines = larger(this.#lines, room)
  }
}

function larger(from: Int32Array, room: number): Int32Array {
  const to = new Int32Array(room)
  to.set(from)
  return to
}
