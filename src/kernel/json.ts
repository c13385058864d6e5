/** JSON as the API means it: number literals kept where they would be bent, and `<`, `>`, `&` escaped as the peer does. */
export type Json = null | boolean | number | string | readonly Json[] | JsonObject
export interface JsonObject {
  readonly [key: string]: Json
}

// `JSON.rawJSON` and the reviver's third argument are in V8 since Node 21 but not yet in TypeScript's library.
interface Raw {
  rawJSON(text: string): unknown
  isRawJSON(value: unknown): value is { readonly rawJSON: string }
}
const raw = JSON as unknown as Raw
type Reviver = (this: unknown, key: string, value: unknown, context: { readonly source?: string }) => unknown
const parseWithSource = JSON.parse as (text: string, reviver?: Reviver) => unknown

/** A number that JavaScript might print otherwise: a fraction, an exponent, a minus zero, or 16 and more digits. */
const BENDABLE = /\d[.eE]|\d{16}|-0/

/**
 * Parses a text. Numbers that would not survive (`1.50`, `1e3`, `9007199254740993`) become JSON.rawJSON values, which
 * `stringifyJson` prints as they were written; `nativeNumber` gives the nearest number. A text without such numbers
 * costs one native parse.
 * @throws SyntaxError
 */
export function parseJson(text: string): unknown {
  if (!BENDABLE.test(text)) return JSON.parse(text)
  return parseWithSource(text, (_key, value, { source }) =>
    typeof value === 'number' && source !== undefined && String(value) !== source ? raw.rawJSON(source) : value,
  )
}

/** The number behind a kept literal; any other value as it is. */
export const nativeNumber = (value: unknown): unknown => (typeof value === 'object' && raw.isRawJSON(value) ? Number(value.rawJSON) : value)

const ESCAPED: Readonly<Record<string, string>> = {
  '<': '\\u003c',
  '>': '\\u003e',
  '&': '\\u0026',
  '\u2028': '\\u2028',
  '\u2029': '\\u2029',
}

/** One line, without the final newline. */
export function stringifyJson(value: unknown): string {
  const text = JSON.stringify(value)
  return /[<>&\u2028\u2029]/.test(text) ? text.replace(/[<>&\u2028\u2029]/g, it => ESCAPED[it] as string) : text
}
