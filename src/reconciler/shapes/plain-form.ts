import { parseDuration, type Json } from '../../kernel/index.ts'

/**
 * The form in which two values are compared of which nothing is known: `1h` is 3600, as most of the API answers it, and a map
 * has no order. What else a server makes of what it is told has to be written as the server answers it.
 */
export function plainForm(value: Json): Json {
  if (typeof value === 'string') return /^\d+(?:\.\d+)?[hms](?:\d+[ms])*$/.test(value) ? (parseDuration(value) ?? value) : value
  if (typeof value !== 'object' || value === null) return value
  if (Array.isArray(value)) return (value as readonly Json[]).map(plainForm)
  return Object.fromEntries(Object.entries(value).map(([key, it]) => [key, plainForm(it)]))
}
