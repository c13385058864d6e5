import { parseDecimal } from './go-number.ts'

const RFC3339 = /^(\d{4})-(\d{2})-(\d{2})T(\d{1,2}):(\d{2}):(\d{2})(?:[.,](\d+))?(?:Z|([+-])(\d{2}):(\d{2}))$/
const DAYS = [31, 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31] as const
const MAX_MILLISECONDS = 8.64e15

/** A moment as RFC 3339 or as seconds since 1970; undefined for anything else. Moments beyond what a Date holds are cut to it. */
export function parseAbsoluteTime(text: string): Date | undefined {
  const parts = RFC3339.exec(text)
  if (parts !== null) return ofParts(parts)
  const epoch = parseDecimal(text)
  return 'value' in epoch ? clamped(Number(epoch.value) * 1000) : undefined
}

function ofParts(parts: RegExpExecArray): Date | undefined {
  const [year, month, day, hour, minute, second] = parts.slice(1, 7).map(Number) as [number, number, number, number, number, number]
  const leap = (year % 4 === 0 && year % 100 !== 0) || year % 400 === 0
  const days = month === 2 && leap ? 29 : DAYS[month - 1]
  if (days === undefined || day < 1 || day > days || hour > 23 || minute > 59 || second > 59) return undefined
  const [sign, zoneHour, zoneMinute] = [parts[8], Number(parts[9] ?? 0), Number(parts[10] ?? 0)]
  if (zoneHour > 24 || zoneMinute > 60) return undefined
  const milliseconds = Math.trunc(Number(`0.${parts[7] ?? 0}`) * 1000)
  const moment = new Date(0)
  moment.setUTCFullYear(year, month - 1, day)
  moment.setUTCHours(hour, minute, second, milliseconds)
  const offset = (zoneHour * 60 + zoneMinute) * 60_000 * (sign === '-' ? -1 : 1)
  return clamped(moment.getTime() - offset)
}

const clamped = (milliseconds: number): Date => new Date(Math.max(-MAX_MILLISECONDS, Math.min(MAX_MILLISECONDS, milliseconds)))
