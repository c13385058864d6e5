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

/** All keys of all objects in order, so that the same data has one spelling. */
export function sorted(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(sorted)
  if (!isObject(value)) return value
  const made = Object.create(null) as Record<string, unknown>
  for (const key of Object.keys(value).sort(byBytes)) made[key] = sorted(value[key])
  return made
}

/** Keeps what the shape names; what it nests is shaped, what it does not is sorted. */
export function shaped(value: unknown, shape: Shape): Readonly<Record<string, unknown>> {
  const from = isObject(value) ? value : {}
  const made = Object.create(null) as Record<string, unknown>
  for (const { name, kind, sparse = false } of shape) {
    const field = from[name]
    if (sparse && isZero(field)) continue
    made[name] = typeof kind === 'string' ? (field === undefined ? ZERO[kind] : sorted(field)) : shaped(field, kind)
  }
  return made
}

/** As the field's tools print JSON: two columns, HTML's characters escaped. `shape` has been applied, or keys sorted, before. */
export const prettyJson = (value: unknown): string => stringifyJson(value, 2)
