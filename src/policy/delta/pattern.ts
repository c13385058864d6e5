import type { MergedRule } from '../rule.ts'

/** One segment of a path: this very text, or any that begins with it. */
export interface Part {
  readonly text: string
  readonly whole: boolean
}

/**
 * A set of paths, segment by segment. `open`: the last part is not whole, and whatever follows it belongs to the set, slashes too.
 * What two patterns have in common is one pattern again (or nothing), which is what everything here is built on.
 */
export interface Pattern {
  readonly parts: readonly Part[]
  readonly open: boolean
}

const ANY: Part = { text: '', whole: false }
const wholePart = (text: string): Part => ({ text, whole: true })

/** `key` is the rule's own, or what it is in bytes. */
export function patternOf({ kind }: Pick<MergedRule, 'kind'>, key: string): Pattern {
  if (kind === 'exact') return { parts: key.split('/').map(wholePart), open: false }
  const open = kind === 'prefix' || key.endsWith('*')
  const segments = (kind === 'segment' && open ? key.slice(0, -1) : key).split('/')
  const last = segments.length - 1
  const partOf = (text: string, i: number): Part => {
    if (open && i === last) return { text, whole: false }
    return kind === 'segment' && text === '+' ? ANY : wholePart(text)
  }
  return { parts: segments.map(partOf), open }
}

/** The same paths, each with a slash more. Not for open patterns, which hold those already. */
export const withSlash = ({ parts }: Pattern): Pattern => ({ parts: [...parts, wholePart('')], open: false })

const meets = (a: Part, b: Part): boolean => {
  if (a.whole) return b.whole ? a.text === b.text : a.text.startsWith(b.text)
  return b.whole ? b.text.startsWith(a.text) : a.text.startsWith(b.text) || b.text.startsWith(a.text)
}

const meet = (a: Part, b: Part): Part => (a.whole || (!b.whole && a.text.length >= b.text.length) ? a : b)

/** Whether some path is in both. */
export function overlap(a: Pattern, b: Pattern): boolean {
  const [m, n] = [a.parts.length, b.parts.length]
  if ((m < n && !a.open) || (n < m && !b.open)) return false
  const shared = Math.min(m, n)
  for (let i = 0; i < shared; i++) if (!meets(a.parts[i] as Part, b.parts[i] as Part)) return false
  return true
}

/** What is in both; undefined if nothing is. */
export function intersect(a: Pattern, b: Pattern): Pattern | undefined {
  if (!overlap(a, b)) return undefined
  const [longer, shorter] = a.parts.length >= b.parts.length ? [a, b] : [b, a]
  const parts = longer.parts.map((part, i) => {
    const other = shorter.parts[i]
    return other === undefined ? part : meet(part, other)
  })
  return { parts, open: a.open && b.open }
}

const holds = (wide: Part, narrow: Part): boolean =>
  wide.whole ? narrow.whole && narrow.text === wide.text : narrow.text.startsWith(wide.text)

/** Whether every path of `narrow` is in `wide`. */
export function covers(wide: Pattern, narrow: Pattern): boolean {
  const [m, n] = [wide.parts.length, narrow.parts.length]
  if (m > n || (m < n && !wide.open) || (narrow.open && !wide.open)) return false
  return wide.parts.every((part, i) => holds(part, narrow.parts[i] as Part))
}

/** Whether a path, cut at its slashes, is in the pattern. */
export function fits({ parts, open }: Pattern, segments: readonly string[]): boolean {
  if (segments.length < parts.length || (segments.length > parts.length && !open)) return false
  return parts.every(({ text, whole }, i) => (whole ? segments[i] === text : segments[i]?.startsWith(text) === true))
}

/**
 * As a policy says it. `a(+)` is for what no rule can say but two together can mean: one segment that begins with `a`.
 */
export function patternText({ parts, open }: Pattern): string {
  const texts = parts.map(({ text, whole }) => (whole ? text : text === '' ? '+' : `${text}(+)`))
  if (open) texts[texts.length - 1] = `${parts.at(-1)?.text ?? ''}*`
  return texts.join('/')
}

/** Equal for equal patterns alone, whatever their texts hold. */
export const patternId = ({ parts, open }: Pattern): string =>
  parts.map(({ text, whole }) => (whole ? text : `${text}\n`)).join('/') + (open ? '\n\n' : '')
