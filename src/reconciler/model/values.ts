import { createHash } from 'node:crypto'
import type { Brand, Json } from '../../kernel/index.ts'

/**
 * An object in canonical form, by the API's own names: durations are seconds, sets are sorted, aliases and case are resolved,
 * what was not said has the server's default. Two objects are alike if and only if their canonical forms are equal.
 */
export type Values = Readonly<Record<string, Json>>

/** 22 characters: the first 128 bits of a SHA-256, in base64url. Never taken over a secret. */
export type Digest = Brand<string, 'Digest'>

export function digestOfText(text: string): Digest {
  return createHash('sha256').update(text, 'utf8').digest('base64url').slice(0, 22) as Digest
}

export const digestOf = (value: Json): Digest => digestOfText(stableJson(value))

/** JSON with the keys of every object in order, so that equal values are equal texts. */
export function stableJson(value: Json, indent?: number): string {
  return JSON.stringify(value, (_key, it: Json) => (isPlainObject(it) ? sorted(it) : it), indent)
}

const isPlainObject = (value: Json): value is Values => typeof value === 'object' && value !== null && !Array.isArray(value)

function sorted(object: Values): Values {
  const keys = Object.keys(object)
  const ordered = keys.toSorted()
  return keys.every((key, i) => key === ordered[i]) ? object : Object.fromEntries(ordered.map(key => [key, object[key] as Json]))
}

/** Of what is to be seen of a live object. Plan and apply compare it, so both must hide the same. */
export const fingerprintOf = (values: Values, hidden: readonly string[]): Digest => digestOf(without(values, hidden))

export function equalJson(a: Json | undefined, b: Json | undefined): boolean {
  if (a === b) return true
  if (typeof a !== 'object' || typeof b !== 'object' || a === null || b === null) return false
  return stableJson(a) === stableJson(b)
}

export function without(values: Values, hidden: Iterable<string>): Values {
  const names = new Set(hidden)
  return names.size === 0 ? values : Object.fromEntries(Object.entries(values).filter(([name]) => !names.has(name)))
}

/** A value that is text by its attribute; '' when it is not there. */
export const textOf = (value: Json | undefined): string => (typeof value === 'string' ? value : '')
