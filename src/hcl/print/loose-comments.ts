import type { HclTree } from '../parse/index.ts'

/**
 * The comments that no item shows as its own, in text order. The printer asks again and again which of them stand between two
 * places; the answer is a stretch of this list.
 */
export class LooseComments {
  readonly #starts: number[] = []
  readonly #tokens: number[] = []
  readonly #groups: number[] = []

  constructor(tree: HclTree) {
    for (const [i, group] of tree.comments.entries()) {
      if (group.owned) continue
      for (let token = group.first; token <= group.last; token++) {
        this.#starts.push(tree.tokens.start(token))
        this.#tokens.push(token)
        this.#groups.push(i)
      }
    }
  }

  /** Index of the first comment behind an offset. */
  firstBehind(offset: number): number {
    const starts = this.#starts
    let low = 0
    let high = starts.length
    while (low < high) {
      const middle = (low + high) >> 1
      if ((starts[middle] as number) > offset) high = middle
      else low = middle + 1
    }
    return low
  }

  /** Whether the comment at an index exists and begins before an offset. */
  isBefore(index: number, offset: number): boolean {
    return index < this.#starts.length && (this.#starts[index] as number) < offset
  }

  isBetween(offset: number, end: number): boolean {
    return this.#starts.length > 0 && this.isBefore(this.firstBehind(offset), end)
  }

  token(index: number): number {
    return this.#tokens[index] as number
  }

  /** Comments of one group have the same. */
  group(index: number): number {
    return this.#groups[index] ?? -1
  }
}
