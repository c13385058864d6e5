import { nativeNumber, stringifyJson } from '../../kernel/index.ts'
import { byBytes } from './go-text.ts'

type Kind = 'text' | 'number' | 'switch' | 'list' | 'map' | readonly ShapeField[]
export interface ShapeField {
  readonly name: string
  readonly kind: Kind
  /** Left out when it has nothing to say. */
  readonly sparse?: boolean
}
/** The keys of an object in the order in which they are printed, with what stands for an absent one. */
export type Shape = readonly ShapeField[]

const ZERO: Readonly<Record<string, unknown>> = { text: '', number: 0, switch: false, list: null, map: null }

const isObject = (value: unknown): value is Readonly<Record<string, unknown>> =>
  typeof value === 'object' && value !== null && !Array.isArray(value) && nativeNumber(value) === value

const isZero = (value: unknown): boolean =>
  value === undefined || value === null || value === '' || value === 0 || value === false || (Array.isArray(value) && value.length === 0)

/** Marks an object whose keys stand in the order in which they are to be printed. */
const ORDERED: object = Object.freeze(Object.create(null) as object)

/** Keeps what the shape names, in its order. What the shape does not look into stays as it is. */
export function shaped(value: unknown, shape: Shape): Readonly<Record<string, unknown>> {
  const from = isObject(value) ? value : {}
  const made = Object.create(ORDERED) as Record<string, unknown>
  for (const { name, kind, sparse = false } of shape) {
    const field = from[name]
    if (sparse && isZero(field)) continue
    made[name] = typeof kind === 'string' ? (field === undefined ? ZERO[kind] : field) : shaped(field, kind)
  }
  return made
}

function keysOf(value: Readonly<Record<string, unknown>>): readonly string[] {
  const keys = Object.keys(value)
  return Object.getPrototypeOf(value) === ORDERED ? keys : keys.sort(byBytes)
}

/**
 * As the field's tools print JSON: two columns, HTML's characters escaped, keys in order. JSON.stringify would do but for the
 * order: an object of JavaScript always has the keys `9` and `10` in front, and `9` before `10`.
 */
export function prettyJson(value: unknown, pad: string = ''): string {
  const inner = `${pad}  `
  const wrap = (open: string, parts: readonly string[], close: string): string =>
    parts.length === 0 ? `${open}${close}` : `${open}\n${parts.map(it => inner + it).join(',\n')}\n${pad}${close}`
  if (Array.isArray(value))
    return wrap(
      '[',
      value.map(it => prettyJson(it, inner)),
      ']',
    )
  if (!isObject(value)) return stringifyJson(value)
  return wrap(
    '{',
    keysOf(value).map(key => `${stringifyJson(key)}: ${prettyJson(value[key], inner)}`),
    '}',
  )
}

/** The same on one line. */
export function compactJson(value: unknown): string {
  if (Array.isArray(value)) return `[${value.map(compactJson).join(',')}]`
  if (!isObject(value)) return stringifyJson(value)
  return `{${keysOf(value)
    .map(key => `${stringifyJson(key)}:${compactJson(value[key])}`)
    .join(',')}}`
}
