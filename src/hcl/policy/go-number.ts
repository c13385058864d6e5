import { goQuote } from '../text/index.ts'

/** A number as Go's strconv reads it, or the words of its error. */
export type GoNumber<T> = { readonly value: T } | { readonly error: string }

const MAX = (1n << 63n) - 1n
const MIN = -(1n << 63n)

const DECIMAL = /^[+-]?[0-9]+$/
// With base 0 a prefix tells the base, and single underscores may stand between digits and behind the prefix.
const ANY_BASE = /^[+-]?(?:0[xX](?:_?[0-9a-fA-F])+|0[bB](?:_?[01])+|0[oO](?:_?[0-7])+|0(?:_?[0-7])*|[1-9](?:_?[0-9])*)$/

/** `strconv.ParseInt(text, 10, 64)`. */
export const parseDecimal = (text: string): GoNumber<bigint> => (DECIMAL.test(text) ? bounded(text, text) : wrong('ParseInt', text))

/** `strconv.ParseInt(text, 0, 64)`: `0x1F`, `0b11`, `0o17` and `017` too. */
export function parseInteger(text: string): GoNumber<bigint> {
  if (!ANY_BASE.test(text)) return wrong('ParseInt', text)
  const bare = text.replaceAll('_', '')
  return bounded(bare.replace(/^([+-]?)0(?=[0-7])/, '$10o'), text)
}

function bounded(literal: string, text: string): GoNumber<bigint> {
  const negative = literal.startsWith('-')
  const digits = BigInt(literal.replace(/^[+-]/, ''))
  const value = negative ? -digits : digits
  return value > MAX || value < MIN ? { error: `strconv.ParseInt: parsing ${goQuote(text)}: value out of range` } : { value }
}

const FLOAT = /^[+-]?(?:[0-9]+\.?[0-9]*|\.[0-9]+)(?:[eE][+-]?[0-9]+)?$/

/** `strconv.ParseFloat(text, 64)`, for what the lexer lets through. */
export function parseFloat64(text: string): GoNumber<number> {
  if (!FLOAT.test(text)) return wrong('ParseFloat', text)
  const value = Number(text)
  return Number.isFinite(value) ? { value } : { error: `strconv.ParseFloat: parsing ${goQuote(text)}: value out of range` }
}

const wrong = (name: string, text: string): { readonly error: string } => ({
  error: `strconv.${name}: parsing ${goQuote(text)}: invalid syntax`,
})
