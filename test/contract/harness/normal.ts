import { describeSshCertificate } from './ssh-certificate.ts'
import { describeX509 } from './x509.ts'

/**
 * Two servers never give the same ids, tokens and times, so an answer is first turned into a tree in which those stand as what they are:
 * a random value by its kind, a time by its distance from the answer, a countdown by its seconds. Everything else stays as its literal
 * JSON text: `1.50` is not `1.5` and `"\u003c"` is not `"<"`.
 */
export type Normal =
  | { readonly is: 'literal'; readonly text: string }
  | { readonly is: 'text'; readonly parts: readonly Part[] }
  | { readonly is: 'moment'; readonly form: string; readonly offset: number }
  | { readonly is: 'span'; readonly seconds: number }
  | { readonly is: 'list'; readonly items: readonly Normal[] }
  | { readonly is: 'object'; readonly entries: readonly (readonly [string, Normal])[] }

/** A piece of a string: as it stands, or random. */
export type Part = string | { readonly kind: string; readonly value: string }

/** Fields that are left out, by dotted path and by name. */
export type Skip = (path: string, key: string) => boolean

interface Context {
  readonly at: number
  readonly skip: Skip
  readonly path: string
  readonly key: string
}

/** A primitive of JSON with the text it was written as, which JSON.parse would lose. */
interface Literal {
  readonly literal: string
  readonly value: string | number | boolean | null
}

export function normalise(text: string, at: number, skip: Skip): Normal {
  const parsed = parse(text)
  if (parsed === undefined) return describeX509(text, at) ?? { is: 'text', parts: partsOf(text) }
  return tree(parsed, { at, skip, path: '', key: '' })
}

/** A text that is no JSON, line by line: what a command line prints. Columns are as wide as the widest value, so spaces count as one. */
export function normaliseLines(text: string): readonly (readonly Part[])[] {
  const plain = text
    .replaceAll(/\d{4}-\d\d-\d\d \d\d:\d\d:\d\d(\.\d+)? \+0000 UTC/g, '<time>')
    .replaceAll(/\b1[789]\d{8}\b/g, '<unix time>')
    .replaceAll(/\b(\d+h(\d+m(\d+s)?)?|\d+m(\d+s)?|\d+s)\b/g, '<duration>')
  return plain.split('\n').map(line => partsOf(line.trimEnd().replaceAll(/ {2,}/g, '  ').replaceAll(/-{4,}/g, '----')))
}

function parse(text: string): unknown {
  type Revive = (this: unknown, key: string, value: unknown, context: { readonly source?: string }) => unknown
  const keepLiterals: Revive = (_key, value, { source }) => (source === undefined ? value : { literal: source, value })
  try {
    return JSON.parse(text, keepLiterals as Parameters<typeof JSON.parse>[1]) as unknown
  } catch {
    return undefined
  }
}

function tree(value: unknown, context: Context): Normal {
  if (isLiteral(value)) return leaf(value, context)
  if (Array.isArray(value)) return sequence(value, context)
  const object = value as Record<string, unknown>
  const below = (key: string): string => (context.path === '' ? key : `${context.path}.${key}`)
  const entries = Object.keys(object)
    .filter(key => !context.skip(below(key), key))
    .map(key => [showParts(partsOf(key)), tree(object[key], { ...context, key, path: below(key) })] as const)
  return { is: 'object', entries: entries.toSorted(([a], [b]) => (a < b ? -1 : a > b ? 1 : 0)) }
}

/** A list of random keys comes in a random order: there only their kinds can be compared. */
function sequence(value: readonly unknown[], context: Context): Normal {
  const items = value.map(item => tree(item, context))
  if (context.key !== 'keys' || !items.some(isRandom)) return { is: 'list', items }
  const kinds = items.map(item => ({ is: 'literal', text: show(item) }) as const)
  return { is: 'list', items: kinds.toSorted((a, b) => (a.text < b.text ? -1 : 1)) }
}

function leaf({ literal, value }: Literal, context: Context): Normal {
  if (typeof value === 'number') return number(literal, value, context)
  if (typeof value !== 'string') return { is: 'literal', text: literal }
  const byKey = hidden.get(context.key)
  if (byKey !== undefined && value !== '') return { is: 'literal', text: `"<${byKey}>"` }
  const described = value.length > 60 ? describeX509(value, context.at) : undefined
  if (described !== undefined) return described
  if (context.key === 'password' && isPassword(value)) return { is: 'text', parts: [{ kind: 'password', value }] }
  if ((context.key === 'id' || context.key === 'namespace_id') && /^[A-Za-z0-9]{6}$/.test(value))
    return { is: 'text', parts: [{ kind: 'namespace id', value }] }
  const certificate = describeSshCertificate(value)
  if (certificate !== undefined) return tree(parse(JSON.stringify(certificate)), context)
  const moment = time.exec(value)
  if (moment !== null && !isEpoch(value)) {
    const form = `${moment[1] === undefined ? 'whole seconds' : 'with fraction'}, ${moment[2] === 'Z' ? 'UTC' : 'with offset'}`
    return { is: 'moment', form, offset: (Date.parse(value) - context.at) / 1000 }
  }
  const parts = partsOf(value)
  return parts.some(part => typeof part !== 'string') ? { is: 'text', parts } : { is: 'literal', text: literal }
}

/** As made without a policy. */
const isPassword = (value: string): boolean => value.length === 20 && [/[A-Z]/, /[a-z]/, /\d/, /-/, /^[\w-]+$/].every(it => it.test(value))

function number(literal: string, value: number, { key, at }: Context): Normal {
  if (key === 'clock_skew_ms' || key === 'echo_duration_ms') return { is: 'literal', text: '<milliseconds>' }
  if (countdowns.has(key)) return { is: 'span', seconds: value }
  if (Math.abs(value - at / 1000) < 86_400 * 366 * 5) return { is: 'moment', form: 'unix seconds', offset: value - at / 1000 }
  return { is: 'literal', text: literal }
}

const time = /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d+)?(Z|[+-]\d\d:\d\d)$/
const countdowns = new Set(['ttl', 'lease_duration', 'creation_ttl', 'wrap_ttl'])

/** What says which product, build and cluster this is. */
const hidden = new Map([
  ['version', 'version'],
  ['build_date', 'date'],
  ['commit_date', 'date'],
])

function isEpoch(value: string): boolean {
  return value.startsWith('0001-01-01T') || value.startsWith('1970-01-01T')
}

/** Random values by the form they have, also inside a sentence. The first that fits at a place is it. */
const forms: readonly (readonly [string, RegExp])[] = [
  ['hmac', /hmac-sha256:[0-9a-f]{64}/],
  ['uuid', /[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}/],
  ['serial number', /\b[0-9a-f]{2}(?:[:-][0-9a-f]{2}){14,19}\b/],
  ['cluster name', /vault-cluster-[0-9a-f]{8}/],
  ['random base64', /(?<![A-Za-z0-9+/])[A-Za-z0-9+/]{44}(?![A-Za-z0-9+/=])/],
  ['service token', /\b(?:hv)?s\.[A-Za-z0-9_-]{24,}/],
  ['batch token', /\b(?:hv)?b\.[A-Za-z0-9_-]{24,}/],
  ['accessor', /\b[a-z][a-z0-9_-]*_[0-9a-f]{8}\b/],
  ['built-in version', /\bv\d+\.\d+\.\d+\+builtin(?:\.[a-z]+)?/],
  ['random', /\b(?=[A-Za-z0-9]*[A-Z])(?=[A-Za-z0-9]*[a-z])[A-Za-z0-9]{24}\b/],
  ['made-up name', /(?<=-)[A-Za-z0-9]{20}-1[789]\d{8}\b/],
  ['random hex', /\b[0-9a-f]{66}\b/],
  ['salted token', /\b(?:h[0-9a-f]{64}|[0-9a-f]{40})\b/],
  ['namespace id', /(?<=(?:[A-Za-z0-9_-]{20}|_[0-9a-f]{8})\.)[A-Za-z0-9]{6}(?![A-Za-z0-9])/],
  ['remaining time', /(?<=effective max_ttl of ")[0-9hms]+/],
  ['address', /127\.0\.0\.1:\d+/],
  ['time', /\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(?:\.\d+)?Z/],
]
const anyForm = new RegExp(forms.map(([, form]) => `(${form.source})`).join('|'), 'g')

function partsOf(text: string): readonly Part[] {
  const parts: Part[] = []
  let from = 0
  for (const found of text.matchAll(anyForm)) {
    const [value, ...groups] = found
    const [kind = ''] = forms[groups.findIndex(group => group !== undefined)] ?? []
    if (found.index > from) parts.push(text.slice(from, found.index))
    parts.push({ kind: kind === 'accessor' ? `accessor of ${value.slice(0, -9)}` : kind, value })
    from = found.index + value.length
  }
  return from < text.length || parts.length === 0 ? [...parts, text.slice(from)] : parts
}

function isLiteral(value: unknown): value is Literal {
  return typeof value === 'object' && value !== null && typeof (value as Partial<Literal>).literal === 'string' && 'value' in value
}

function isRandom(normal: Normal): boolean {
  return normal.is === 'text'
}

export function showParts(parts: readonly Part[]): string {
  return parts.map(part => (typeof part === 'string' ? part : `<${part.kind}>`)).join('')
}

/** As the reader of a failure sees it. */
export function show(normal: Normal): string {
  switch (normal.is) {
    case 'literal':
      return normal.text
    case 'text':
      return JSON.stringify(showParts(normal.parts))
    case 'moment':
      return `<now ${normal.offset < 0 ? '-' : '+'} ${Math.abs(normal.offset).toFixed(1)}s, ${normal.form}>`
    case 'span':
      return String(normal.seconds)
    case 'list':
      return `[${normal.items.map(show).join(',')}]`
    case 'object':
      return `{${normal.entries.map(([key, value]) => `${JSON.stringify(key)}:${show(value)}`).join(',')}}`
  }
}
