import { Buffer } from 'node:buffer'
import { compareUtf8 } from '../byte-order.ts'
import { goQuote } from '../go-quote.ts'
import { formatted } from './printf.ts'
import { isMap, isTrue, printed, type TemplateFunctions, TemplateTrouble, typeName, type Value } from './value.ts'

/** The functions that every template has. `and` and `or` are in the machine itself, because they stop early. */
export const builtIns: TemplateFunctions = {
  and: { params: ['any', 'any'], variadic: true, call: () => undefined },
  or: { params: ['any', 'any'], variadic: true, call: () => undefined },
  not: { params: ['any'], call: (value: Value) => !isTrue(value) },
  eq: {
    params: ['any', 'any'],
    variadic: true,
    call: equalsAny,
  },
  ne: { params: ['any', 'any'], call: (a: Value, b: Value) => !isEqual(a, b) },
  lt: { params: ['any', 'any'], call: (a: Value, b: Value) => order(a, b) < 0 },
  le: { params: ['any', 'any'], call: (a: Value, b: Value) => order(a, b) <= 0 },
  gt: { params: ['any', 'any'], call: (a: Value, b: Value) => order(a, b) > 0 },
  ge: { params: ['any', 'any'], call: (a: Value, b: Value) => order(a, b) >= 0 },
  len: { params: ['any'], call: length },
  index: { params: ['any', 'any'], variadic: true, call: indexed },
  slice: { params: ['any', 'any'], variadic: true, call: slice },
  print: { params: ['any'], variadic: true, call: (...values: readonly Value[]) => sprint(values) },
  println: { params: ['any'], variadic: true, call: (...values: readonly Value[]) => `${values.map(printed).join(' ')}\n` },
  printf: { params: ['string', 'any'], variadic: true, call: formatted },
  html: {
    params: ['any'],
    variadic: true,
    call: (...values: readonly Value[]) => escapeHtml(sprint(values.map(it => it ?? '<no value>'))),
  },
  js: { params: ['any'], variadic: true, call: (...values: readonly Value[]) => escapeJs(sprint(values.map(it => it ?? '<no value>'))) },
  urlquery: {
    params: ['any'],
    variadic: true,
    call: (...values: readonly Value[]) => escapeQuery(sprint(values.map(it => it ?? '<no value>'))),
  },
}

/** A blank between two neighbours of which neither is a text. */
const sprint = (values: readonly Value[]): string =>
  values.reduce<string>(
    (text, it, i) => text + (i > 0 && typeof it !== 'string' && typeof values[i - 1] !== 'string' ? ' ' : '') + printed(it),
    '',
  )

function equalsAny(a: Value, ...others: readonly Value[]): boolean {
  if (others.length === 0) throw new TemplateTrouble('missing argument for comparison')
  return others.some(it => isEqual(a, it))
}

function isEqual(a: Value, b: Value): boolean {
  if (a === undefined || b === undefined || a === null || b === null) return (a ?? null) === (b ?? null)
  if (typeName(a) !== typeName(b)) throw incompatible(a, b)
  if (typeof a === 'object') throw new TemplateTrouble(`non-comparable type ${printed(a)}: ${typeName(a)}`)
  return a === b
}

function order(a: Value, b: Value): number {
  for (const it of [a, b]) {
    if (it === undefined || it === null || typeof it === 'object') throw new TemplateTrouble('invalid type for comparison')
  }
  if (typeName(a) !== typeName(b)) throw incompatible(a, b)
  if (typeof a === 'string') return compareUtf8(a, b as string)
  if (typeof a === 'number') return a - (b as number)
  throw new TemplateTrouble('invalid type for comparison')
}

const incompatible = (a: Value, b: Value): TemplateTrouble =>
  new TemplateTrouble(`incompatible types for comparison: ${typeName(a)} and ${typeName(b)}`)

/** What reflection says of nothing. */
const NO_TYPE = 'reflect: call of reflect.Value.Type on zero Value'

function length(value: Value): number {
  if (typeof value === 'string') return Buffer.byteLength(value)
  if (isMap(value)) return Object.keys(value).length
  throw new TemplateTrouble(value === undefined || value === null ? NO_TYPE : `len of type ${typeName(value)}`)
}

function indexed(from: Value, ...keys: readonly Value[]): Value {
  if (from === undefined || from === null) throw new TemplateTrouble('index of untyped nil')
  return keys.reduce(element, from)
}

/** Of a text it is a byte. */
function element(from: Value, key: Value): Value {
  if (isMap(from)) {
    if (typeof key !== 'string') throw new TemplateTrouble(`value has type ${typeName(key)}; should be string`)
    return Object.hasOwn(from, key) ? from[key] : undefined
  }
  if (from === undefined || from === null) throw new TemplateTrouble('index of nil pointer')
  if (typeof from !== 'string') throw new TemplateTrouble(`can't index item of type ${typeName(from)}`)
  const bytes = Buffer.from(from)
  const at = position(key, bytes.length)
  if (at === bytes.length) throw new TemplateTrouble('reflect: string index out of range')
  return bytes[at]
}

function slice(from: Value, ...places: readonly Value[]): Value {
  if (from === undefined || from === null) throw new TemplateTrouble('slice of untyped nil')
  if (places.length > 3) throw new TemplateTrouble(`too many slice indexes: ${places.length}`)
  if (typeof from !== 'string') throw new TemplateTrouble(`can't slice item of type ${typeName(from)}`)
  if (places.length === 3) throw new TemplateTrouble('cannot 3-index slice a string')
  const bytes = Buffer.from(from)
  const [begin = 0, end = bytes.length] = places.map(it => position(it, bytes.length))
  if (begin > end) throw new TemplateTrouble(`invalid slice index: ${begin} > ${end}`)
  return bytes.subarray(begin, end).toString()
}

function position(key: Value, size: number): number {
  if (key === undefined || key === null) throw new TemplateTrouble('cannot index slice/array with nil')
  if (typeof key !== 'number' || !Number.isInteger(key)) throw new TemplateTrouble(`cannot index slice/array with type ${typeName(key)}`)
  if (key < 0 || key > size) throw new TemplateTrouble(`index out of range: ${key}`)
  return key
}

const HTML: Readonly<Record<string, string>> = { '<': '&lt;', '>': '&gt;', '&': '&amp;', '"': '&#34;', "'": '&#39;', '\0': '\ufffd' }
// oxlint-disable-next-line no-control-regex
const escapeHtml = (text: string): string => text.replace(/[<>&"'\0]/g, it => HTML[it] as string)

const escapeQuery = (text: string): string =>
  encodeURIComponent(text)
    .replaceAll('%20', '+')
    .replace(/[!'()*]/g, it => `%${it.charCodeAt(0).toString(16).toUpperCase()}`)

const JS: Readonly<Record<string, string>> = {
  '\\': '\\\\',
  "'": "\\'",
  '"': '\\"',
  '<': '\\u003C',
  '>': '\\u003E',
  '&': '\\u0026',
  '=': '\\u003D',
}
const escapeJs = (text: string): string =>
  Array.from(text)
    .map(
      it =>
        JS[it] ??
        (it < ' ' ? `\\u${it.charCodeAt(0).toString(16).toUpperCase().padStart(4, '0')}` : goQuote(it) === `"${it}"` ? it : unicode(it)),
    )
    .join('')
const unicode = (character: string): string => `\\u${(character.codePointAt(0) ?? 0).toString(16).toUpperCase().padStart(4, '0')}`
