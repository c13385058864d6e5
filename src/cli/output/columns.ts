/**
 * Aligned columns. A row is a list of cells here; the field's tools join the cells with a delimiter and split them again, and
 * so a cell that holds the delimiter falls apart. Ours stay whole.
 */
export type Row = readonly string[]

const GLUE = '    '
const EMPTY = 'n/a'
/** A colour's escape sequence takes no room. */
const ESCAPE = /\u001b\[[\d;]*m/g // eslint-disable-line no-control-regex

const width = (cell: string): number => Array.from(cell.replace(ESCAPE, '')).length

/** Cells lose the blanks around them, and an empty one says so. The last cell of a row is not padded. */
export function columns(rows: readonly Row[]): string {
  const cells = rows.map(row => row.map(it => it.trim() || EMPTY))
  const widths: number[] = []
  for (const row of cells) for (const [i, cell] of row.entries()) widths[i] = Math.max(widths[i] ?? 0, width(cell))
  return cells
    .map(row => row.map((cell, i) => (i === row.length - 1 ? cell : cell + ' '.repeat((widths[i] as number) - width(cell)))).join(GLUE))
    .join('\n')
}

/** Columns below an underlined heading. */
export const tableOf = (heading: Row, rows: readonly Row[]): string =>
  columns([heading, heading.map(it => '-'.repeat(Buffer.byteLength(it))), ...rows])
