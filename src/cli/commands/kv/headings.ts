import type { Printer } from '../../output/index.ts'

/** `======= Metadata =======`: so wide as the text below, an even number of signs, at least two on each side. */
function ruled(title: string, width: number): string {
  const signs = width - (Buffer.byteLength(title) + 2)
  const each = signs <= 0 ? 2 : Math.ceil(signs / 2)
  return `${'='.repeat(each)} ${title} ${'='.repeat(each)}`
}

export function printPath(out: Printer, title: string, path: string): void {
  out.line(ruled(title, Buffer.byteLength(path)))
  out.line(path)
  out.line('')
}

/** The heading of a table of these values: as wide as its longest key, the gap and the word "Value". */
export function printHeading(out: Printer, title: string, data: Readonly<Record<string, unknown>>): void {
  const longest = Math.max(0, ...Object.keys(data).map(it => Buffer.byteLength(it)))
  out.line(ruled(title, longest + 4 + 5))
}
