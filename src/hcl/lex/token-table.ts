import type { TokenKind } from './token.ts'

/** Of one token: kind, start, end, line. */
const WIDTH = 4

/**
 * Every token of one text, comments too, in text order: four numbers each, in one typed array, so that a policy of ten thousand
 * tokens costs one allocation. A token's name everywhere in this layer is its index here.
 *
 * Invariants: `start` never decreases; `start ≤ end`; `line` is the line (from 1) of `start`. The last token is EOF once the
 * whole text was read.
 */
export class TokenTable {
  count = 0
  #cells: Int32Array

  constructor(expected: number) {
    this.#cells = new Int32Array(Math.max(32, expected) * WIDTH)
  }

  /** Offsets in UTF-16 units, `end` behind the last; answers the new token's index. */
  push(kind: TokenKind, start: number, end: number, line: number): number {
    const index = this.count
    const at = index * WIDTH
    if (at === this.#cells.length) this.#grow()
    this.#cells[at] = kind
    this.#cells[at + 1] = start
    this.#cells[at + 2] = end
    this.#cells[at + 3] = line
    this.count = index + 1
    return index
  }

  kind(index: number): TokenKind {
    return this.#cells[index * WIDTH] as number
  }

  start(index: number): number {
    return this.#cells[index * WIDTH + 1] as number
  }

  end(index: number): number {
    return this.#cells[index * WIDTH + 2] as number
  }

  line(index: number): number {
    return this.#cells[index * WIDTH + 3] as number
  }

  #grow(): void {
    const cells = new Int32Array(this.#cells.length * 2)
    cells.set(this.#cells)
    this.#cells = cells
  }
}
