/** Several items in one request: each has its result or its error, and its `reference` back. */
import type { WireObject } from '../../../schema/index.ts'
import { faults, isFault } from '../../logical/index.ts'

export type Item = Readonly<Record<string, unknown>>

/** How Go calls the type of a value that came as JSON. */
function goName(value: unknown): string {
  if (value === null) return '<nil>'
  if (Array.isArray(value)) return '[]interface {}'
  if (typeof value === 'object') return JSON.stringify(value).startsWith('{') ? 'map[string]interface {}' : 'json.Number'
  return typeof value === 'number' ? 'json.Number' : typeof value === 'boolean' ? 'bool' : 'string'
}

const unparsed = (why: string): Error => faults.failedAs({ why: `failed to parse batch input: ${why}` })

/** The items of a request; undefined when it is about a single one. `before`: how a refusal of the whole begins. */
export function itemsIn(raw: WireObject, before: '' | "'' " = ''): readonly unknown[] | undefined {
  const given = raw['batch_input']
  if (given === undefined || given === null) return undefined
  if (!Array.isArray(given)) throw unparsed(`${before}source data must be an array or slice, got ${goName(given)}`)
  if (given.length === 0) throw faults.refused({ why: 'missing batch input to process' })
  return given
}

const TEXTS = ['plaintext', 'ciphertext', 'context', 'nonce', 'reference', 'associated_data']

/** Items of which each word must have its own type, and one must be there. */
export function strictItems(given: readonly unknown[], needed: { readonly name: string; readonly why: string }): readonly Item[] {
  const wrong: string[] = []
  for (const [i, item] of given.entries()) {
    if (typeof item !== 'object' || item === null || Array.isArray(item)) throw unparsed(`[${i}] expected a map, got '${goName(item)}'`)
    const words = item as Item
    if (!(needed.name in words)) wrong.push(`'[${i}].${needed.name}' ${needed.why}`)
    if (words['key_version'] !== undefined && typeof words['key_version'] !== 'number')
      wrong.push(`'[${i}].key_version' expected type 'int', got unconvertible type '${goName(words['key_version'])}'`)
    for (const name of TEXTS)
      if (words[name] !== undefined && words[name] !== null && typeof words[name] !== 'string')
        wrong.push(`'[${i}].${name}' expected type 'string', got unconvertible type '${goName(words[name])}'`)
  }
  if (wrong.length > 0) throw unparsed(wrong.join('\n'))
  return given as readonly Item[]
}

/** Items whose words may be of any type that can be written as a text. */
export function looseItems(given: readonly unknown[]): readonly Item[] {
  return given.map((item, i) => {
    if (typeof item === 'object' && item !== null && !Array.isArray(item)) return item as Item
    throw unparsed(
      `decoding failed due to the following error(s):\n\n'[${i}]' expected a map or struct, got ${JSON.stringify(goName(item) === 'json.Number' ? 'string' : goName(item))}`,
    )
  })
}

export const textIn = (item: Item, name: string): string => {
  const value = item[name]
  if (typeof value === 'string') return value
  return typeof value === 'number' || typeof value === 'boolean' ? String(value) : ''
}

export interface Outcomes {
  readonly results: readonly WireObject[]
  readonly failed: number
}

/** One after the other, so that a large batch leaves turns to others. `empty`: what stands beside an error. */
export async function each(
  items: readonly Item[],
  empty: WireObject,
  work: (item: Item, index: number) => Promise<WireObject>,
): Promise<Outcomes> {
  const results: WireObject[] = []
  let failed = 0
  for (const [i, item] of items.entries()) {
    const reference = textIn(item, 'reference')
    try {
      results.push({ ...(await work(item, i)), reference })
    } catch (thrown) {
      if (!isFault(thrown) || thrown.code !== 'refused') throw thrown
      failed++
      results.push({ ...empty, error: thrown.wire[0] ?? '', reference })
    }
    if (i % 64 === 63) await new Promise(resolve => setImmediate(resolve))
  }
  return { results, failed }
}

/** 400 when an item failed, or what the caller wants to hear when others did not. */
export function statusOf({ results, failed }: Outcomes, wish: number | undefined, warn: (text: string) => void): number {
  if (failed === 0) return 200
  if (failed === results.length || wish === undefined) return 400
  if (wish >= 100 && wish <= 599) return wish
  warn('invalid HTTP response code override from partial_failure_response_code, reverting to 400')
  return 400
}
