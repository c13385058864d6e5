import { faults } from '../logical/index.ts'
import type { Data } from './json-body.ts'
import { parseMediaType } from './media-type.ts'
import { parseQuery } from './query.ts'

/**
 * Whether a body is a form: the header says so, and the text does not begin as JSON does. Many clients call JSON a form, as
 * their HTTP library's default has it.
 */
export function isForm(contentType: string | undefined, text: string): boolean {
  if (contentType === undefined) return false
  const media = parseMediaType(contentType)
  return 'type' in media && media.type === 'application/x-www-form-urlencoded' && !/^[ \t\r\n]*[{[]/.test(text)
}

/** All fields are strings; one that repeats is a comma list. Undefined for an empty form. */
export function parseForm(text: string, query: { readonly malformed: boolean }): Data | undefined {
  const form = parseQuery(text)
  if (form.malformed || query.malformed) throw faults.refused({ why: 'error parsing form data' })
  if (form.pairs.size === 0) return undefined
  const data = {}
  for (const [name, values] of form.pairs)
    Object.defineProperty(data, name, { value: values.join(','), enumerable: true, configurable: true, writable: true })
  return data
}
