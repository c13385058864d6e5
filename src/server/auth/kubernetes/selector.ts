/** Label selectors of namespaces, as JSON or YAML: `matchLabels: {env: production}`. */
import { goQuote } from '../../../kernel/index.ts'

/** Labels that a namespace must have, each with this value. */
export type Labels = Readonly<Record<string, string>>

const NAME = /^(?:[A-Za-z0-9](?:[-A-Za-z0-9_.]*[A-Za-z0-9])?)$/

/**
 * Undefined when the text is no such selector. Match expressions are not known, as to the peer. A word that is not `matchLabels` is
 * refused too, which the peer lets pass: a slip of the pen would select every namespace there is.
 */
export async function parseSelector(text: string): Promise<Labels | undefined> {
  // The library is large, and selectors are rare.
  const { parseAllDocuments } = await import('../../../yaml/index.ts')
  let value: unknown
  try {
    const documents = parseAllDocuments(text, { uniqueKeys: true, maxAliasCount: 0 } as object)
    const [first] = 'empty' in documents ? [] : documents
    if (first === undefined || first.errors.length > 0) return undefined
    value = first.toJS({ maxAliasCount: 0 })
  } catch {
    return undefined
  }
  if (typeof value !== 'object' || value === null || Array.isArray(value)) return undefined
  const { matchLabels = {}, ...others } = value as Readonly<Record<string, unknown>>
  if (Object.keys(others).length > 0 || typeof matchLabels !== 'object' || matchLabels === null || Array.isArray(matchLabels))
    return undefined
  const labels: Record<string, string> = {}
  for (const [name, it] of Object.entries(matchLabels as Readonly<Record<string, unknown>>)) {
    if (typeof it !== 'string' && typeof it !== 'number' && typeof it !== 'boolean') return undefined
    labels[name] = String(it)
  }
  return labels
}

/** What is wrong with the labels themselves, in the peer's words, which come only at the login. */
export function wrongLabel(labels: Labels): string | undefined {
  const wrong = Object.keys(labels).find(it => !NAME.test(it.slice(it.lastIndexOf('/') + 1)))
  return wrong === undefined
    ? undefined
    : `key: Invalid value: ${goQuote(wrong)}: name part must consist of alphanumeric characters, '-', '_' or '.', and must start and end with an alphanumeric character (e.g. 'MyName',  or 'my.name',  or '123-abc', regex used for validation is '([A-Za-z0-9][-A-Za-z0-9_.]*)?[A-Za-z0-9]')`
}

export const selects = (wanted: Labels, labels: ReadonlyMap<string, string>): boolean =>
  Object.entries(wanted).every(([name, value]) => labels.get(name) === value)
