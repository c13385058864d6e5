import { nativeNumber } from '../../../kernel/index.ts'
import { kindOf, parseJsonBody } from '../json-body.ts'
import { badJson, type JsonLimits } from '../json-scan.ts'

/** Go's name of a field's type, and how a value of it is read; undefined for what does not fit. */
interface Kind<T> {
  readonly type: string
  readonly zero: T
  read(value: unknown): T | undefined
}

export const text: Kind<string> = { type: 'string', zero: '', read: it => (typeof it === 'string' ? it : undefined) }
export const flag: Kind<boolean> = { type: 'bool', zero: false, read: it => (typeof it === 'boolean' ? it : undefined) }
export const int: Kind<number> = { type: 'int', zero: 0, read: it => (typeof it === 'number' && Number.isSafeInteger(it) ? it : undefined) }
export const texts: Kind<readonly string[]> = {
  type: '[]string',
  zero: [],
  read: it => (Array.isArray(it) && it.every(entry => typeof entry === 'string') ? it : undefined),
}

type Shape = Readonly<Record<string, Kind<unknown>>>
type Struct<S extends Shape> = { readonly [K in keyof S]: S[K] extends Kind<infer T> ? T : never }

/**
 * A body that the peer decodes into a struct of its own: names match in any case, unknown ones are ignored, null is no value, and
 * types are strict, unlike those of all other endpoints.
 */
export function parseStruct<const S extends Shape>(name: string, shape: S, body: string, limits: JsonLimits): Struct<S> {
  const made: Record<string, unknown> = Object.fromEntries(Object.entries(shape).map(([key, { zero }]) => [key, zero]))
  for (const [key, value] of Object.entries(parseJsonBody(body, limits, `http.${name}`) ?? {})) {
    const field = Object.hasOwn(shape, key) ? key : Object.keys(shape).find(it => it.toLowerCase() === key.toLowerCase())
    if (field === undefined || value === null) continue
    const kind = shape[field] as Kind<unknown>
    const read = kind.read(value)
    if (read === undefined) throw badJson(misfit(name, key, kind, value))
    made[field] = read
  }
  return made as Struct<S>
}

function misfit(name: string, key: string, kind: Kind<unknown>, value: unknown): string {
  if (Array.isArray(value) && kind.type === '[]string') {
    const at = value.findIndex(it => typeof it !== 'string')
    return `json: cannot unmarshal ${kindOf(value[at])} into ${name}.${key}.${at} of type string`
  }
  const given = kindOf(value)
  const literal =
    given === 'number' && kind.type === 'int' ? ` ${nativeNumber(value) === value ? String(value) : JSON.stringify(value)}` : ''
  return `json: cannot unmarshal ${given}${literal} into Go struct field ${name}.${key} of type ${kind.type}`
}
