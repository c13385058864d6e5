/**
 * The compact form of a signed token (RFC 7515, section 7.1), read before anything in it is believed. Only this form is taken: the
 * JSON forms may carry several signatures and headers that nobody signed.
 */
export interface Compact {
  /** As it was signed, without blanks and padding. */
  readonly token: string
  readonly alg: string
  /** Empty: none. */
  readonly kid: string
  readonly payload: string
  /** Whether the header asks for what this reader does not know (RFC 7515, section 4.1.11). */
  readonly isCritical: boolean
}

/** The token is none; the message is the peer's. */
export class Malformed extends Error {}

const ALPHABET = /[^A-Za-z0-9_-]/

function decoded(part: string): string {
  const wrong = ALPHABET.exec(part)
  // Four letters are three bytes, so a last one alone is none.
  const at = wrong?.index ?? (part.length % 4 === 1 ? part.length - 1 : -1)
  if (at >= 0) throw new Malformed(`illegal base64 data at input byte ${at}`)
  return Buffer.from(part, 'base64url').toString()
}

const goKind = (value: unknown): string =>
  Array.isArray(value) ? 'array' : typeof value === 'boolean' ? 'bool' : typeof value === 'object' ? 'object' : typeof value

function textOf(header: Readonly<Record<string, unknown>>, name: string, what: string): string {
  const value = header[name] ?? ''
  if (typeof value === 'string') return value
  throw new Malformed(
    `failed to unmarshal ${what}: json: cannot unmarshal ${goKind(value)} into Go value of type string: ${JSON.stringify(JSON.stringify(value))}`,
  )
}

/** Blanks and the padding of base64 are left out, as the peer does: tokens come from files and from wrapped lines. */
export function readCompact(text: string): Compact {
  const parts = text.replace(/\s/g, '').split('.')
  if (parts.length !== 3) throw new Malformed('go-jose/go-jose: compact JWS format must have three parts')
  const bare = parts.map(part => part.replace(/=+$/, '')) as [string, string, string]
  const [head, payload] = [decoded(bare[0]), decoded(bare[1])]
  decoded(bare[2])
  const header = headerOf(head)
  const jwk = header['jwk']
  if (jwk !== undefined && !isPublic(jwk)) throw new Malformed('go-jose/go-jose: invalid embedded jwk, must be public key')
  return {
    token: bare.join('.'),
    alg: textOf(header, 'alg', 'algorithm'),
    kid: textOf(header, 'kid', 'key ID'),
    payload,
    isCritical: header['crit'] !== undefined || header['b64'] !== undefined,
  }
}

/** A key that a token brings along is never used, but one that gives itself away is refused. */
function isPublic(jwk: unknown): boolean {
  const { kty, d, k } = (typeof jwk === 'object' && jwk !== null ? jwk : {}) as Readonly<Record<string, unknown>>
  return typeof kty === 'string' && kty !== 'oct' && d === undefined && k === undefined
}

function headerOf(text: string): Readonly<Record<string, unknown>> {
  let value: unknown
  try {
    value = JSON.parse(text)
  } catch (cause) {
    throw new Malformed(whyNoJson(text), { cause })
  }
  if (typeof value !== 'object' || value === null || Array.isArray(value)) {
    throw new Malformed(`json: cannot unmarshal ${goKind(value)} into Go value of type jose.rawHeader`)
  }
  const twice = repeatedName(text)
  if (twice !== undefined) throw new Malformed(`json: duplicate key '${twice}' in object`)
  return value as Readonly<Record<string, unknown>>
}

/** What the peer says of a text that is not JSON, as far as its beginning decides. */
export function whyNoJson(text: string): string {
  const [first] = text.trimStart()
  if (first === undefined) return 'unexpected end of JSON input'
  if (!/[{["\d\-tfn]/.test(first)) return `invalid character '${first}' looking for beginning of value`
  return 'invalid JSON'
}

/**
 * The first name that stands twice in the outermost object of a JSON text. Readers disagree about which of the two counts, so that one
 * who checks and one who acts may see different tokens.
 */
export function repeatedName(text: string): string | undefined {
  const seen = new Set<string>()
  let depth = 0
  for (const { 0: piece, index } of text.matchAll(/"(?:[^"\\]|\\.)*"|[{}[\]]/g)) {
    if (piece === '{' || piece === '[') depth++
    else if (piece === '}' || piece === ']') depth--
    else if (depth === 1 && /^\s*:/.test(text.slice(index + piece.length))) {
      const name = JSON.parse(piece) as string
      if (seen.has(name)) return name
      seen.add(name)
    }
  }
  return undefined
}
