/** How the peer's language names and prints the values of a JSON text, where its messages show them. */
export const goKindOf = (value: unknown): string =>
  Array.isArray(value) ? 'array' : typeof value === 'boolean' ? 'bool' : typeof value === 'object' ? 'object' : typeof value

export function goPrinted(value: unknown): string {
  if (value === null || value === undefined) return '<nil>'
  if (Array.isArray(value)) return `[${value.map(goPrinted).join(' ')}]`
  if (typeof value !== 'object') return typeof value === 'string' ? value : JSON.stringify(value)
  const { rawJSON } = value as { readonly rawJSON?: unknown }
  if (typeof rawJSON === 'string') return rawJSON
  const entries = Object.entries(value).toSorted(([a], [b]) => (a < b ? -1 : 1))
  return `map[${entries.map(([name, it]) => `${name}:${goPrinted(it)}`).join(' ')}]`
}
