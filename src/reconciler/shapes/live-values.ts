import type { Json } from '../../kernel/index.ts'
import type { Values } from '../model/index.ts'
import type { Attribute, Shape } from './attribute.ts'

/** The target answered something that cannot be understood, so nothing may be concluded from it. */
export class UnreadableAnswer extends Error {}

/**
 * The canonical form of what the API answered. An attribute that it leaves out or answers with null has the server's
 * default; what the shape does not know is not looked at.
 * @throws UnreadableAnswer
 */
export function liveValues(data: Readonly<Record<string, Json>>, shape: Shape, what: string): Values {
  const values: Record<string, Json> = {}
  for (const [name, attribute] of Object.entries(shape)) {
    if (attribute.unread !== undefined) continue
    const value = liveValue(answerAt(data, attribute.answeredAs ?? [name]), attribute, `${what}: ${name}`)
    if (value !== undefined) values[name] = value
  }
  return values
}

/** Secrets that an answer does not tell, of which it tells that they are set. */
export function secretsIn(data: Values, shape: Shape): readonly string[] {
  return Object.entries(shape).flatMap(([name, { setBy }]) => {
    if (setBy === undefined) return []
    const sign = setBy === 'always' ? true : answerAt(data, setBy)
    return sign === undefined || sign === null || sign === '' || sign === false ? [] : name
  })
}

/** @param keys from the outside in */
function answerAt(data: Json, keys: readonly string[]): Json | undefined {
  let at: Json | undefined = data
  for (const key of keys) {
    if (typeof at !== 'object' || at === null || Array.isArray(at)) return undefined
    at = (at as Values)[key]
  }
  return at
}

export function liveValue(raw: Json | undefined, attribute: Attribute, what: string): Json | undefined {
  if (raw === undefined || raw === null) return attribute.fallback
  const decoded = attribute.field.decode(raw, () => undefined)
  if (decoded === undefined) throw new UnreadableAnswer(`the answer for ${what} is not understood`)
  return attribute.tidy(attribute.field.encode(decoded) as Json)
}

/** What a reference stands for, in canonical form; undefined when the text is not what the attribute expects. */
export function resolvedValue(text: string, attribute: Attribute): Json | undefined {
  const decoded = attribute.field.decode(text, () => undefined)
  return decoded === undefined ? undefined : attribute.tidy(attribute.field.encode(decoded) as Json)
}

/** The body of a write: those attributes, as the API takes them. */
export function wireValues(values: Values, shape: Shape, names: Iterable<string> = Object.keys(values)): Record<string, Json> {
  const body: Record<string, Json> = {}
  for (const name of names) {
    const value = values[name]
    if (value !== undefined) body[name] = shape[name]?.toWire(value) ?? value
  }
  return body
}

export const isDefault = (value: Json | undefined, attribute: Attribute | undefined): boolean =>
  JSON.stringify(value) === JSON.stringify(attribute?.fallback)

/** Those that are not at their default: what two versions of this program with different tables still agree on. */
export function withoutDefaults(values: Values, shape: Shape): Values {
  return Object.fromEntries(
    Object.entries(values).filter(([name, value]) => shape[name]?.unread === undefined && !isDefault(value, shape[name])),
  )
}
