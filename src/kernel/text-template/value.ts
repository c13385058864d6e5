/** What a template works on. `undefined` is what a missing key gives, which prints as `<no value>`. */
export type Value = undefined | null | boolean | number | string | ValueMap
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

export const isMap = (value: Value): value is ValueMap => typeof value === 'object' && value !== null

export function isTrue(value: Value): boolean {
  return isMap(value) ? Object.keys(value).length > 0 : Boolean(value)
}

export const sortedKeys = (map: ValueMap): readonly string[] => Object.keys(map).sort()

/** As Go's %v. */
export function printed(value: Value): string {
  if (value === undefined || value === null) return '<nil>'
  return isMap(value)
    ? `map[${sortedKeys(value)
        .map(key => `${key}:${printed(value[key])}`)
        .join(' ')}]`
    : String(value)
}

export function typeName(value: Value): string {
  if (value === undefined || value === null) return 'nil'
  if (isMap(value)) return 'map[string]interface {}'
  return typeof value === 'boolean' ? 'bool' : typeof value === 'string' ? 'string' : Number.isInteger(value) ? 'int' : 'float64'
}

/** Characters of one text that a template makes; no name and no path is longer. */
const MAX_TEXT = 65_536

/** To be asked before a text of this length is made. */
export function bounded(length: number): number {
  if (length > MAX_TEXT) throw new TemplateTrouble(`text is longer than ${MAX_TEXT} characters`)
  return length
}
