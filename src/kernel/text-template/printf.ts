import { Buffer } from 'node:buffer'
import { goQuote } from '../go-quote.ts'
import { bounded, printed, TemplateTrouble, typeName, type Value } from './value.ts'

const VERB = /%([-+# 0]*)(\d+)?(?:\.(\d*))?(.)?/gsu

/** Go's Sprintf for the verbs that make sense of texts, numbers and booleans. */
export function formatted(format: string, ...values: readonly Value[]): string {
  let used = 0
  const text = format.replace(
    VERB,
    (_all, flags: string, width: string | undefined, precision: string | undefined, verb: string | undefined) => {
      if (verb === undefined) return '%!(NOVERB)'
      if (verb === '%') return '%'
      if (used >= values.length) return `%!${verb}(MISSING)`
      const value = values[used++]
      const made = withVerb(verb, value, flags, precision)
      return made === undefined ? wrongVerb(verb, value) : padded(made, flags, Number(width ?? 0))
    },
  )
  const extra = values.slice(used)
  return extra.length === 0 ? text : `${text}%!(EXTRA ${extra.map(typed).join(', ')})`
}

const typed = (value: Value): string => (value === undefined || value === null ? '<nil>' : `${typeName(value)}=${printed(value)}`)
const wrongVerb = (verb: string, value: Value): string => `%!${verb}(${typed(value)})`

function withVerb(verb: string, value: Value, flags: string, precision: string | undefined): string | undefined {
  switch (verb) {
    case 'v':
      return printed(value)
    case 'T':
      return value === undefined || value === null ? '<nil>' : typeName(value)
    case 't':
      return typeof value === 'boolean' ? String(value) : undefined
    case 's':
      return typeof value === 'string' ? Array.from(value).slice(0, limit(precision)).join('') : undefined
    case 'q':
      return typeof value === 'string' ? goQuote(value) : undefined
    case 'x':
    case 'X': {
      const hex = typeof value === 'string' ? Buffer.from(value).toString('hex') : wholeIn(value, 16)
      return verb === 'X' ? hex?.toUpperCase() : hex
    }
    case 'd': {
      const digits = wholeIn(value, 10)
      return digits !== undefined && flags.includes('+') && Number(value) >= 0 ? `+${digits}` : digits
    }
    case 'b':
      return wholeIn(value, 2)
    case 'o':
      return wholeIn(value, 8)
    case 'c':
      return typeof value === 'number' && value >= 0 && value <= 0x10ffff ? String.fromCodePoint(value) : undefined
    case 'f':
      return typeof value === 'number' && !Number.isInteger(value)
        ? value.toFixed(precision === undefined ? 6 : digits(precision))
        : undefined
    default:
      return undefined
  }
}

/** As many as a number can be shown with. */
function digits(precision: string): number {
  if (Number(precision) > 100) throw new TemplateTrouble('a number has 100 decimals at most')
  return Number(precision)
}

const limit = (precision: string | undefined): number | undefined => (precision === undefined ? undefined : Number(precision))
const wholeIn = (value: Value, base: number): string | undefined =>
  typeof value === 'number' && Number.isInteger(value) ? value.toString(base) : undefined

function padded(text: string, flags: string, width: number): string {
  const missing = bounded(width) - Array.from(text).length
  if (missing <= 0) return text
  if (flags.includes('-')) return text + ' '.repeat(missing)
  if (!flags.includes('0')) return ' '.repeat(missing) + text
  const sign = /^[+-]/.test(text) ? text.slice(0, 1) : ''
  return sign + '0'.repeat(missing) + text.slice(sign.length)
}
