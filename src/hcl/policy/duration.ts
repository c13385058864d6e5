import { escapedByte } from '../text/index.ts'
import { parseDecimal, type GoNumber } from './go-number.ts'

const SECOND = 1_000_000_000n
const LIMIT = 1n << 63n

const UNITS: ReadonlyMap<string, bigint> = new Map([
  ['ns', 1n],
  ['us', 1_000n],
  ['µs', 1_000n],
  ['μs', 1_000n],
  ['ms', 1_000_000n],
  ['s', SECOND],
  ['m', 60n * SECOND],
  ['h', 3600n * SECOND],
])

/** What nearly every policy writes, without the long way: up to five digits and one unit. */
const SHORT = /^([0-9]{1,5})([smhd]?)$/
const SHORT_UNITS = { '': 1, s: 1, m: 60, h: 3600, d: 86400 } as const

/** As 64 bits hold it. */
function product(count: bigint, unit: bigint): GoNumber<bigint> {
  const value = count * unit
  return value >= LIMIT || value < -LIMIT
    ? { error: 'multiplication of durations resulted in overflow, one operand may be too large' }
    : { value }
}

/**
 * Nanoseconds of a duration field, as the server reads it: `""`, seconds as digits, whole days `2d`, or Go's `1h30m`; numbers
 * are seconds, cut to whole ones.
 */
export function parseDurationSecond(raw: unknown): GoNumber<bigint> {
  if (raw === undefined || raw === '') return { value: 0n }
  if (typeof raw === 'bigint') return product(raw, SECOND)
  if (typeof raw === 'number') return product(truncated(raw), SECOND)
  const short = typeof raw === 'string' ? SHORT.exec(raw) : null
  if (short !== null) return { value: BigInt(Number(short[1]) * SHORT_UNITS[short[2] as keyof typeof SHORT_UNITS]) * SECOND }
  if (typeof raw !== 'string') return { error: 'could not parse duration from input' }
  const whole = parseDecimal(raw)
  if ('value' in whole) return product(whole.value, SECOND)
  if (!raw.endsWith('d')) return parseGoDuration(raw)
  const days = parseDecimal(raw.slice(0, -1))
  return 'value' in days ? product(days.value, 24n * 3600n * SECOND) : days
}

/** A float that does not fit becomes the smallest integer, as on amd64. */
function truncated(value: number): bigint {
  const whole = BigInt(Math.trunc(value))
  return whole >= LIMIT || whole < -LIMIT ? -LIMIT : whole
}

/** `time.ParseDuration`. */
function parseGoDuration(text: string): GoNumber<bigint> {
  const invalid = { error: `time: invalid duration ${quoted(text)}` }
  const negative = text.startsWith('-')
  let rest = /^[+-]/.test(text) ? text.slice(1) : text
  if (rest === '0') return { value: 0n }
  if (rest === '') return invalid
  let total = 0n
  while (rest !== '') {
    const [, whole = '', dot = '', fraction = ''] = /^([0-9]*)(\.?)([0-9]*)/.exec(rest) ?? []
    if (whole === '' && fraction === '') return invalid
    rest = rest.slice(whole.length + dot.length + fraction.length)
    const name = /^[^.0-9]*/.exec(rest)?.[0] ?? ''
    const count = BigInt(whole === '' ? 0 : whole)
    if (count > LIMIT) return invalid
    if (name === '') return { error: `time: missing unit in duration ${quoted(text)}` }
    rest = rest.slice(name.length)
    const unit = UNITS.get(name)
    if (unit === undefined) return { error: `time: unknown unit ${quoted(name)} in duration ${quoted(text)}` }
    const part = count * unit + fractionOf(fraction, unit)
    if (count * unit > LIMIT || part > LIMIT) return invalid
    total += part
    if (total > LIMIT) return invalid
  }
  if (negative) return { value: BigInt.asIntN(64, -total) }
  return total === LIMIT ? invalid : { value: total }
}

/** Digits beyond what 64 bits hold are dropped before the division, as Go does. */
function fractionOf(digits: string, unit: bigint): bigint {
  let value = 0n
  let scale = 1
  for (const digit of digits) {
    if (value > (LIMIT - 1n) / 10n) break
    const next = value * 10n + BigInt(digit)
    if (next > LIMIT) break
    value = next
    scale *= 10
  }
  return value === 0n ? 0n : BigInt(Math.trunc(Number(value) * (Number(unit) / scale)))
}

/** The time package quotes bytewise: everything outside of printable ASCII becomes `\x…`. */
function quoted(text: string): string {
  let out = '"'
  for (const character of text) {
    const code = character.codePointAt(0) as number
    if (code === 34 || code === 92) out += `\\${character}`
    else if (code >= 32 && code < 128) out += character
    else
      out += bytesOf(character)
        .map(byte => `\\x${byte.toString(16).padStart(2, '0')}`)
        .join('')
  }
  return out + '"'
}

function bytesOf(character: string): number[] {
  const byte = escapedByte(character.charCodeAt(0))
  return byte === undefined || character.length > 1 ? [...new TextEncoder().encode(character)] : [byte]
}
