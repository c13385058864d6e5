import { goDuration, type Json } from '../../kernel/index.ts'
import { harmlessLine } from './paint.ts'

/** Attributes whose canonical numbers are seconds, by the names that the API gives to all of them. */
const SPAN = /(^|[._])(ttl|period|duration|delete_version_after)$|_ttl$/

/** One value on one line: `1h`, `[a, b]`, `{version: 2}`. */
export function valueText(name: string, value: Json | undefined): string {
  if (value === undefined || value === null) return 'nothing'
  if (typeof value === 'number') return SPAN.test(name) ? spanText(value) : String(value)
  if (typeof value === 'string') return value === '' ? '""' : harmlessLine(/^[\w.:/@*+-]+$/.test(value) ? value : JSON.stringify(value))
  if (typeof value === 'boolean') return String(value)
  if (Array.isArray(value)) return `[${(value as readonly Json[]).map(it => valueText('', it)).join(', ')}]`
  return `{${Object.entries(value)
    .map(([key, it]) => `${harmlessLine(key)}: ${valueText('', it)}`)
    .join(', ')}}`
}

/** As people write it: `1h`, not `1h0m0s`. */
const spanText = (seconds: number): string =>
  seconds === 0
    ? '0'
    : goDuration(seconds)
        .replace(/(?<=[hm])0s$/, '')
        .replace(/(?<=h)0m$/, '')

/** How one value becomes another; of a set, what comes and goes. */
export function changeText(name: string, before: Json | undefined, after: Json | undefined): string {
  if (!isTexts(before) || !isTexts(after)) return `${valueText(name, before)} → ${valueText(name, after)}`
  const gone = before.filter(it => !after.includes(it)).map(it => `-${valueText('', it)}`)
  const come = after.filter(it => !before.includes(it)).map(it => `+${valueText('', it)}`)
  return [...gone, ...come].join(' ')
}

const isTexts = (value: Json | undefined): value is readonly string[] => Array.isArray(value) && value.every(it => typeof it === 'string')
