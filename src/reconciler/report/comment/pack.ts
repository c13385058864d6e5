import type { Block } from '../markdown.ts'

export interface PackOptions {
  /** In characters as GitHub counts them. */
  readonly longest: number
  /** More texts than these are not made; what is left over is counted. */
  readonly most: number
  /** Said in place of the blocks that did not fit. */
  leftOut(count: number): string
}

const CUT = ' …'

/** What is put now, and what is left of the block. */
type Piece = readonly [string | undefined, Block | undefined]

/**
 * Blocks as texts of a length that can be posted. A block that fits nowhere whole is cut between its rows, and what opens and closes
 * it (a fence, a table's head) is said in each piece; so no text ends within a fence.
 */
export function pack(blocks: readonly Block[], { longest, most, leftOut }: PackOptions): readonly string[] {
  const texts: string[] = []
  let current = ''
  // Room for the word about what was left out is kept free in each text, since any may be the last.
  const room = longest - leftOut(blocks.length).length - 2
  const fits = (text: string): boolean => current.length + (current === '' ? 0 : 2) + text.length <= room
  const put = (text: string): void => {
    current += current === '' ? text : `\n\n${text}`
  }
  for (const [i, block] of blocks.entries()) {
    for (let rest: Block | undefined = block; rest !== undefined;) {
      const whole = textOf(rest, rest.rows)
      if (fits(whole)) {
        put(whole)
        break
      }
      const free = room - current.length - 2
      // Half a text is no place to begin a cut block: it begins a new one, unless it is longer than one anyway.
      const [piece, others]: Piece = current !== '' && (whole.length <= room || free < room / 4) ? [undefined, rest] : cut(rest, free)
      if (piece !== undefined) put(piece)
      if (texts.length + 1 === most) {
        put(leftOut(blocks.length - i))
        return [...texts, current]
      }
      if (current !== '') texts.push(current)
      current = ''
      rest = others
    }
  }
  return current === '' ? texts : [...texts, current]
}

const textOf = ({ open, close }: Block, rows: readonly string[]): string => [...open, ...rows, ...close].join('\n')

/** As many rows as have room; a row that alone is too long is shortened. */
function cut(block: Block, free: number): Piece {
  let left = free - textOf(block, []).length
  const rows: string[] = []
  for (const row of block.rows) {
    if (row.length + 1 > left) break
    rows.push(row)
    left -= row.length + 1
  }
  if (rows.length > 0) return [textOf(block, rows), rest(block, rows.length)]
  const [first] = block.rows
  if (first === undefined || left <= CUT.length + 1) return [textOf(block, []).slice(0, Math.max(free, 0)), undefined]
  return [textOf(block, [`${whole(first.slice(0, left - CUT.length - 1))}${CUT}`]), rest(block, 1)]
}

/** Half a pair of surrogates is no character. */
const whole = (text: string): string => text.replace(/[\ud800-\udbff]$/, '')

const rest = (block: Block, from: number): Block | undefined =>
  from < block.rows.length ? { ...block, rows: block.rows.slice(from) } : undefined
