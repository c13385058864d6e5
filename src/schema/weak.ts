/** How leniently the API reads a value, and what it calls one when it cannot: shared by the fields of `f`. */
import { nativeNumber } from '../kernel/index.ts'
import type { WireObject } from './decode.ts'

interface Raw {
  isRawJSON(value: unknown): boolean
}
const isRaw = (value: unknown): boolean => (JSON as unknown as Raw).isRawJSON(value)

export const isObject = (raw: unknown): raw is WireObject => typeof raw === 'object' && raw !== null && !Array.isArray(raw) && !isRaw(raw)

/** The text of a scalar: a number as it was written, a boolean as `1` or `0`; undefined for anything else. */
export function asText(raw: unknown): string | undefined {
  if (typeof raw === 'string') return raw
  if (typeof raw === 'number') return String(raw)
  if (typeof raw === 'boolean') return raw ? '1' : '0'
  if (typeof raw === 'object' && raw !== null && isRaw(raw)) return (raw as { readonly rawJSON: string }).rawJSON
  return undefined
}

/** The name that the peer's messages give to the type of a JSON value. */
export function goType(raw: unknown): string {
  if (Array.isArray(raw)) return '[]interface {}'
  const value = nativeNumber(raw)
  if (typeof value === 'number') return 'json.Number'
  return typeof value === 'boolean' ? 'bool' : typeof value === 'string' ? 'string' : 'map[string]interface {}'
}

export const unconvertible = (wanted: string, raw: unknown): string =>
  `'' expected type '${wanted}', got unconvertible type '${goType(raw)}'`
