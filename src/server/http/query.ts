/**
 * The query of a request target, read as the peer reads it: `+` is a blank, a pair with a semicolon or a bad escape is dropped,
 * names may repeat.
 */
export interface Query {
  readonly pairs: ReadonlyMap<string, readonly string[]>
  /** Whether a pair had to be dropped: only a form body minds. */
  readonly malformed: boolean
}

const NONE: Query = { pairs: new Map(), malformed: false }

const BAD_ESCAPE = /%(?![\dA-Fa-f]{2})/

/** Bytes that are no UTF-8 become U+FFFD; the peer keeps them, but no field of the API can hold them either. */
const unescape = (text: string): string => {
  const blanks = text.includes('+') ? text.replaceAll('+', ' ') : text
  if (!blanks.includes('%')) return blanks
  try {
    return decodeURIComponent(blanks)
  } catch {
    return Buffer.from(
      blanks.replaceAll(/%([\dA-Fa-f]{2})/g, (_, hex: string) => String.fromCharCode(Number.parseInt(hex, 16))),
      'latin1',
    ).toString('utf8')
  }
}

export function parseQuery(text: string): Query {
  if (text === '') return NONE
  const pairs = new Map<string, string[]>()
  let malformed = false
  for (const part of text.split('&')) {
    if (part === '') continue
    if (part.includes(';') || BAD_ESCAPE.test(part)) {
      malformed = true
      continue
    }
    const at = part.indexOf('=')
    const name = unescape(at < 0 ? part : part.slice(0, at))
    const value = at < 0 ? '' : unescape(part.slice(at + 1))
    const known = pairs.get(name)
    if (known === undefined) pairs.set(name, [value])
    else known.push(value)
  }
  return { pairs, malformed }
}

/** Go's strconv.ParseBool. */
export function parseBool(text: string): boolean | undefined {
  if (/^(1|t|T|true|TRUE|True)$/.test(text)) return true
  return /^(0|f|F|false|FALSE|False)$/.test(text) ? false : undefined
}

/** The query as a request's data: one value is a string, several are a list. */
export function queryData(query: Query, without?: string): Readonly<Record<string, unknown>> {
  const data: Record<string, unknown> = {}
  for (const [name, values] of query.pairs) {
    if (name === 'help' || name === without) continue
    // `data` has a prototype, since the dispatcher reads own members only; `__proto__` must still become one of them.
    Object.defineProperty(data, name, {
      value: values.length === 1 ? values[0] : values,
      enumerable: true,
      configurable: true,
      writable: true,
    })
  }
  return data
}
