import { nativeNumber, parseJson } from '../../kernel/index.ts'
import { badJson, type JsonKind, type JsonLimits, MAX_DEPTH, scanJson } from './json-scan.ts'

export type Data = Readonly<Record<string, unknown>>

/** The least that an opening brace costs of the memory limit is the most that one character can. */
const DEAREST_CHARACTER = 88

/** Half of a surrogate pair, escaped: JavaScript would keep it, and print it where no other client can read it. */
const LONE_SURROGATE = /\\u[dD][89a-fA-F]/
/** A number that may be beyond what a float64 holds. */
const HUGE = /\d[eE]\+?\d{3}|\d{309}/

/**
 * A body's JSON object; undefined for no body and for `null`. `what` is the Go type in the refusal of anything else.
 * @throws a fault with the peer's words
 */
export function parseJsonBody(text: string, limits: JsonLimits, what: string = 'map[string]interface {}'): Data | undefined {
  if (text === '') return undefined
  const parsed = needsScan(text, limits) ? undefined : fast(text)
  const value = parsed ?? slow(text, limits)
  if (value === null || value === undefined) return undefined
  const kind = kindOf(value)
  if (kind !== 'object') throw badJson(`json: cannot unmarshal ${kind} into Go value of type ${what}`)
  return (LONE_SURROGATE.test(text) ? wellFormed(value) : value) as Data
}

function fast(text: string): unknown {
  try {
    return parseJson(text)
  } catch {
    return undefined
  }
}

function slow(text: string, limits: JsonLimits): unknown {
  const { kind, end } = scanJson(text, limits)
  return kind === undefined ? undefined : parseJson(text.slice(0, end))
}

/** Whether a limit could be passed, by bounds that cost next to nothing. */
function needsScan(text: string, limits: JsonLimits): boolean {
  const { length } = text
  if (length * DEAREST_CHARACTER > limits.maxRequestJsonMemory || HUGE.test(text)) return true
  if (length > 2 * limits.maxRequestJsonStrings && holdsMore(text, '"', 2 * limits.maxRequestJsonStrings)) return true
  return length > MAX_DEPTH && (holdsMore(text, '[', MAX_DEPTH / 2) || holdsMore(text, '{', MAX_DEPTH / 2))
}

function holdsMore(text: string, character: string, count: number): boolean {
  let left = count
  for (let at = text.indexOf(character); at >= 0; at = text.indexOf(character, at + 1)) if (left-- === 0) return true
  return false
}

/** A number that was kept as it was written is an object to JavaScript. */
export function kindOf(value: unknown): JsonKind {
  if (typeof value === 'string') return 'string'
  if (typeof value === 'boolean') return 'bool'
  if (value === null) return 'null'
  if (typeof value === 'number' || nativeNumber(value) !== value) return 'number'
  return Array.isArray(value) ? 'array' : 'object'
}

function wellFormed(value: unknown): unknown {
  if (typeof value === 'string') return value.toWellFormed()
  if (Array.isArray(value)) return value.map(wellFormed)
  if (kindOf(value) !== 'object') return value
  const made = {}
  for (const [key, member] of Object.entries(value as object))
    Object.defineProperty(made, key.toWellFormed(), { value: wellFormed(member), enumerable: true, configurable: true, writable: true })
  return made
}
