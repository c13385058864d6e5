import type { Brand } from './brand.ts'

/** A span in whole seconds. Branded, so that a count of milliseconds cannot be passed by mistake. */
export type Seconds = Brand<number, 'Seconds'>

export const seconds = (count: number): Seconds => Math.trunc(count) as Seconds

const UNITS: Readonly<Record<string, number>> = { ns: 1e-9, us: 1e-6, µs: 1e-6, μs: 1e-6, ms: 1e-3, s: 1, m: 60, h: 3600 }
const GO_DURATION = /^[+-]?(?:(?:\d+\.?\d*|\.\d+)(?:ns|us|µs|μs|ms|s|m|h))+$/
const PART = /(\d+\.?\d*|\.\d+)(ns|us|µs|μs|ms|s|m|h)/g
const DAYS = /^[+-]?\d+d$/

/**
 * Reads `3600`, `'3600'`, `'1h30m'` (Go's time.ParseDuration) and whole days `'2d'`, as the API's duration fields do;
 * undefined for anything else, so also for `'1d12h'` and `'1w'`. The result may have a fraction.
 */
export function parseDuration(raw: unknown): number | undefined {
  if (typeof raw === 'number') return Number.isFinite(raw) ? raw : undefined
  if (typeof raw !== 'string') return undefined
  const text = raw.trim()
  if (text === '') return 0
  if (/^[+-]?\d+$/.test(text)) return Number(text)
  if (DAYS.test(text)) return Number(text.slice(0, -1)) * 86400
  if (!GO_DURATION.test(text)) return undefined
  let sum = 0
  for (const [, count, name] of text.matchAll(PART)) sum += Number(count) * (UNITS[name ?? 's'] ?? 1)
  return text.startsWith('-') ? -sum : sum
}

/** The same in whole seconds, cut towards zero. */
export function parseSeconds(raw: unknown): Seconds | undefined {
  const value = parseDuration(raw)
  return value === undefined ? undefined : seconds(value)
}

/** As Go prints a time.Duration: `30m0s`, `1h0m0s`, `1.5s`, `0s`. */
export function goDuration(count: number): string {
  if (count === 0) return '0s'
  const sign = count < 0 ? '-' : ''
  const all = Math.abs(count)
  if (all < 1) {
    for (const [unit, size] of [
      ['ms', 1e-3],
      ['µs', 1e-6],
    ] as const) {
      if (all >= size) return `${sign}${trimmed(all / size)}${unit}`
    }
    return `${sign}${Math.round(all * 1e9)}ns`
  }
  const hours = Math.floor(all / 3600)
  const minutes = Math.floor((all % 3600) / 60)
  const rest = trimmed(all % 60)
  if (hours > 0) return `${sign}${hours}h${minutes}m${rest}s`
  return minutes > 0 ? `${sign}${minutes}m${rest}s` : `${sign}${rest}s`
}

const trimmed = (value: number): string => String(Number(value.toFixed(9)))
