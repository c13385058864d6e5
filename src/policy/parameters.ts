import type { ParameterRules } from '../hcl/policy/index.ts'
import { lowerCase } from '../kernel/index.ts'
import type { MergedRule } from './rule.ts'

export type ParameterRefusal =
  | { readonly why: 'required'; readonly parameter: string }
  | { readonly why: 'denied'; readonly parameter: string }
  | { readonly why: 'not-allowed'; readonly parameter: string }
  | { readonly why: 'value-not-allowed'; readonly parameter: string }

export type RequestData = Readonly<Record<string, unknown>>

/**
 * Checks the data of a read, create, update or patch. `fromQuery`: it is the query string of a read, where a repeated
 * parameter is a list that equals no list of a policy.
 */
export function refusedParameter(rule: MergedRule, data: RequestData | undefined, fromQuery: boolean): ParameterRefusal | undefined {
  const { requiredParameters, deniedParameters, allowedParameters } = rule
  for (const parameter of requiredParameters) {
    if (data === undefined || !Object.hasOwn(data, parameter)) return { why: 'required', parameter }
  }
  const denies = deniedParameters !== undefined && deniedParameters.size > 0
  const allows = allowedParameters !== undefined && allowedParameters.size > 0
  if (data === undefined || (!denies && !allows)) return undefined
  const names = Object.keys(data)
  if (names.length === 0) return undefined
  return (
    (denies ? firstDenied(names, data, deniedParameters, fromQuery) : undefined) ??
    (allows ? firstNotAllowed(names, data, allowedParameters, fromQuery) : undefined)
  )
}

function firstDenied(
  names: readonly string[],
  data: RequestData,
  denied: ParameterRules,
  fromQuery: boolean,
): ParameterRefusal | undefined {
  if (denied.has('*')) return { why: 'denied', parameter: names[0] ?? '*' }
  for (const parameter of names) {
    const values = denied.get(lowerCase(parameter))
    if (values !== undefined && isAmong(data[parameter], values, fromQuery)) return { why: 'denied', parameter }
  }
  return undefined
}

function firstNotAllowed(
  names: readonly string[],
  data: RequestData,
  allowed: ParameterRules,
  fromQuery: boolean,
): ParameterRefusal | undefined {
  const others = allowed.has('*')
  if (others && allowed.size === 1) return undefined
  for (const parameter of names) {
    const values = allowed.get(lowerCase(parameter))
    if (values === undefined) {
      if (!others) return { why: 'not-allowed', parameter }
    } else if (!isAmong(data[parameter], values, fromQuery)) return { why: 'value-not-allowed', parameter }
  }
  return undefined
}

/** An empty list means any value. */
const isAmong = (value: unknown, permitted: readonly unknown[], fromQuery: boolean): boolean =>
  permitted.length === 0 ||
  permitted.some(it => (typeof it === 'string' && typeof value === 'string' ? fits(value, it) : sameValue(it, value, fromQuery)))

/** A `*` at either end stands for any text; a pattern of one character is that character. */
function fits(text: string, pattern: string): boolean {
  if (pattern.length < 2) return text === pattern
  const open = pattern.startsWith('*')
  const goesOn = pattern.endsWith('*')
  if (open && goesOn) return text.includes(pattern.slice(1, -1))
  if (open) return text.endsWith(pattern.slice(1))
  return goesOn ? text.startsWith(pattern.slice(0, -1)) : text === pattern
}

/**
 * Booleans, and lists and objects of what can be compared, in which a text is compared as it is. A number of a policy equals
 * no number of a request, nor does an object that is the field of an object: the server keeps them in types of their own,
 * and compares types too.
 */
function sameValue(permitted: unknown, value: unknown, fromQuery: boolean): boolean {
  if (permitted === null || typeof permitted === 'boolean' || typeof permitted === 'string') return permitted === value
  if (typeof permitted !== 'object' || typeof value !== 'object' || value === null || fromQuery) return false
  if (Array.isArray(permitted)) {
    return Array.isArray(value) && permitted.length === value.length && permitted.every((it, i) => sameValue(it, value[i], false))
  }
  if (Array.isArray(value)) return false
  const fields = Object.entries(permitted)
  const sent = value as Readonly<Record<string, unknown>>
  return (
    fields.length === Object.keys(sent).length &&
    fields.every(([name, it]) => Object.hasOwn(sent, name) && !isObject(it) && sameValue(it, sent[name], false))
  )
}

const isObject = (value: unknown): boolean => typeof value === 'object' && value !== null && !Array.isArray(value)
