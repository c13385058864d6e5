import { goDuration, nativeNumber } from '../../kernel/index.ts'

/** Go sorts strings by their UTF-8 bytes; JavaScript by UTF-16 units, which differ beyond the Basic Multilingual Plane. */
export const byBytes = (a: string, b: string): number => (a === b ? 0 : Buffer.compare(Buffer.from(a), Buffer.from(b)))

/** A number's own literal, as it stood in the JSON text. */
export function literalOf(value: unknown): string | undefined {
  if (typeof value === 'number') return String(value)
  return nativeNumber(value) === value ? undefined : JSON.stringify(value)
}

/** A value as Go's `%v` prints it, which is what the field's tables show: `map[a:1 b:[x y]]`, `<nil>`. */
export function goText(value: unknown): string {
  if (value === null || value === undefined) return '<nil>'
  if (typeof value === 'string') return value
  if (typeof value === 'boolean') return String(value)
  const literal = literalOf(value)
  if (literal !== undefined) return literal
  if (Array.isArray(value)) return `[${value.map(goText).join(' ')}]`
  const map = value as Readonly<Record<string, unknown>>
  return `map[${Object.keys(map)
    .sort(byBytes)
    .map(key => `${key}:${goText(map[key])}`)
    .join(' ')}]`
}

/** A list of strings as Go's `%q` prints it: `["default" "dev"]`. */
export const goQuotedList = (list: readonly string[]): string => `[${list.map(it => JSON.stringify(it)).join(' ')}]`

/** Go's notation of a span, without zeros that say nothing: `768h`, `1h30m`, `10s`. */
export function humanDuration(seconds: number): string {
  return goDuration(seconds).replace(/m0s$/, 'm').replace(/h0m/, 'h')
}

/** The same for a value that is a whole number; any other as it is. */
export function humanDurationOf(value: unknown): unknown {
  const literal = literalOf(value)
  return literal !== undefined && /^-?\d+$/.test(literal) ? humanDuration(Number(literal)) : value
}

/** The field's guess at which values are spans of time, from their names. */
export const looksLikeDuration = (name: string): boolean =>
  /(^|_)(period|ttl|duration)$/.test(name) || name === 'lease_max' || name === 'ttl_max'

/** `2026-11-24T18:16:36.87Z` as Go's time.Time prints itself: `2026-11-24 18:16:36.87 +0000 UTC`. */
export function goTime(rfc3339: string): string {
  const match = /^(\d{4}-\d\d-\d\d)T(\d\d:\d\d:\d\d)(\.\d+)?(Z|[+-]\d\d:\d\d)$/.exec(rfc3339)
  if (match === null) return rfc3339
  const [, date, time, fraction = '', zone = 'Z'] = match
  const offset = zone === 'Z' ? '+0000' : zone.replace(':', '')
  return `${date} ${time}${fraction.replace(/\.?0+$/, '')} ${offset} ${zone === 'Z' ? 'UTC' : offset}`
}
