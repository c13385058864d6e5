/** What a template works on. `undefined` is what a missing key gives, which prints as `<no value>`. */
export type Value = undefined | null | boolean | number | string | readonly Value[] | ValueMap
export interface ValueMap {
  readonly [key: string]: Value
}

/** A function that a template may call. `params` are checked before it is called. */
export interface TemplateFunction {
  readonly params: readonly Param[]
  /** The last parameter may be given any number of times. */
  readonly variadic?: boolean
  /** @throws TemplateTrouble */
  readonly call: (...args: readonly never[]) => Value
}
export type Param = 'string' | 'int' | 'any'
export type TemplateFunctions = Readonly<Record<string, TemplateFunction>>

/** What a function says against its arguments; the template adds where. */
export class TemplateTrouble extends Error {}

export const isMap = (value: Value): value is ValueMap => typeof value === 'object' && value !== null && !Array.isArray(value)
export const isList = (value: Value): value is readonly Value[] => Array.isArray(value)

export function isTrue(value: Value): boolean {
  if (isList(value)) return value.length > 0
  return isMap(value) ? Object.keys(value).length > 0 : Boolean(value)
}

export const sortedKeys = (map: ValueMap): readonly string[] => Object.keys(map).sort()

/** As Go's %v. */
export function printed(value: Value): string {
  if (value === undefined || value === null) return '<nil>'
  if (isList(value)) return `[${value.map(printed).join(' ')}]`
  return isMap(value)
    ? `map[${sortedKeys(value)
        .map(key => `${key}:${printed(value[key])}`)
        .join(' ')}]`
    : String(value)
}

export function typeName(value: Value): string {
  if (value === undefined || value === null) return 'nil'
  if (isList(value)) return '[]interface {}'
  if (isMap(value)) return 'map[string]interface {}'
  return typeof value === 'boolean' ? 'bool' : typeof value === 'string' ? 'string' : Number.isInteger(value) ? 'int' : 'float64'
}
