/** A Content-Type header, read as Go's mime.ParseMediaType reads it; its refusals are part of the peer's answers to PATCH. */
export type MediaType = { readonly type: string } | { readonly refused: string }

/** RFC 9110, section 5.6.2. */
const TOKEN = /^[\w!#$%&'*+.^`|~-]+/
const PARAMETER = /^;\s*([\w!#$%&'*+.^`|~-]+)=(?:[\w!#$%&'*+.^`|~-]+|"(?:[^"\\]|\\.)*")\s*/

export function parseMediaType(header: string): MediaType {
  const at = header.indexOf(';')
  const type = (at < 0 ? header : header.slice(0, at)).trim().toLowerCase()
  const refused = refusalOf(type)
  if (refused !== undefined) return { refused }
  let rest = at < 0 ? '' : header.slice(at)
  const names = new Set<string>()
  while (rest !== '') {
    const match = PARAMETER.exec(rest)
    if (match === null) {
      if (rest.trim() === ';') break
      return { refused: 'mime: invalid media parameter' }
    }
    const name = (match[1] as string).toLowerCase()
    if (names.has(name)) return { refused: 'mime: duplicate parameter name' }
    names.add(name)
    rest = rest.slice(match[0].length)
  }
  return { type }
}

function refusalOf(type: string): string | undefined {
  const first = TOKEN.exec(type)?.[0]
  if (first === undefined) return 'mime: no media type'
  const behind = type.slice(first.length)
  if (behind === '') return undefined
  if (!behind.startsWith('/')) return 'mime: expected slash after first token'
  const second = TOKEN.exec(behind.slice(1))?.[0]
  if (second === undefined) return 'mime: expected token after slash'
  return behind.length > 1 + second.length ? 'mime: unexpected content after media subtype' : undefined
}
