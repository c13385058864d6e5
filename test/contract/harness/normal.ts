/**
 * Two servers never give the same ids, tokens and times, so an answer is first turned into a tree in which those stand as what they
 * are: a random value by its kind and the order in which it was first seen (so that *the same* token in two answers stays the same),
 * a time by its distance from the answer, a countdown by its seconds. Everything else stays as its literal JSON text: `1.50` is not
 * `1.5` and `"\u003c"` is not `"<"`.
 */
export type Normal =
  | { readonly is: 'literal'; readonly text: string }
  | { readonly is: 'moment'; readonly form: string; readonly offset: number }
  | { readonly is: 'span'; readonly seconds: number }
  | { readonly is: 'list'; readonly items: readonly Normal[] }
  | { readonly is: 'object'; readonly entries: readonly (readonly [string, Normal])[] }

/** The random values that one server has given so far; `label` says which server. */
export class Names {
  readonly label: string
  readonly #names = new Map<string, string>()
  readonly #counts = new Map<string, number>()

  constructor(label: string) {
    this.label = label
  }

  /** `remember` is false where the order of appearance is random itself (a sorted list of random ids). */
  of(kind: string, value: string, remember: boolean): string {
    const known = this.#names.get(value)
    if (known !== undefined || !remember) return known ?? `<${kind}>`
    const count = (this.#counts.get(kind) ?? 0) + 1
    const name = `<${kind} ${count}>`
    this.#counts.set(kind, count)
    this.#names.set(value, name)
    return name
  }
}

interface Context {
  readonly names: Names
  readonly at: number
  readonly key: string
  readonly remember: boolean
}

/** A primitive of JSON with the text it was written as, which JSON.parse would lose. */
interface Literal {
  readonly literal: string
  readonly value: string | number | boolean | null
}

export function normalise(text: string, names: Names, at: number): Normal {
  const parsed = parse(text)
  const context: Context = { names, at, key: '', remember: true }
  if (parsed === undefined) return { is: 'literal', text: JSON.stringify(inText(text, context)) }
  return tree(parsed, context)
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
  const entries = Object.keys(object)
    .sort()
    .map(key => [inText(key, { ...context, remember: false }), tree(object[key], { ...context, key })] as const)
  return { is: 'object', entries: entries.sort(([a], [b]) => (a < b ? -1 : a > b ? 1 : 0)) }
}

/** A list of random ids comes in a random order. */
function sequence(value: readonly unknown[], context: Context): Normal {
  const items = value.map(item => tree(item, { ...context, remember: context.remember && context.key !== 'keys' }))
  const isRandom = context.key === 'keys' && items.some(item => item.is === 'literal' && item.text.startsWith('"<'))
  return { is: 'list', items: isRandom ? items.toSorted((a, b) => (show(a) < show(b) ? -1 : 1)) : items }
}

function leaf({ literal, value }: Literal, context: Context): Normal {
  if (typeof value === 'number') return number(literal, value, context)
  if (typeof value !== 'string') return { is: 'literal', text: literal }
  const byKey = hidden.get(context.key)
  if (byKey !== undefined && value !== '') return { is: 'literal', text: `"<${byKey} of ${value.length} characters>"` }
  const moment = time.exec(value)
  if (moment !== null && !isEpoch(value)) {
    const form = `${moment[1] === undefined ? 'whole seconds' : 'with fraction'}, ${moment[2] === 'Z' ? 'UTC' : 'with offset'}`
    return { is: 'moment', form, offset: (Date.parse(value) - context.at) / 1000 }
  }
  const named = inText(value, context)
  return { is: 'literal', text: named === value ? literal : JSON.stringify(named) }
}

function number(literal: string, value: number, { key, at }: Context): Normal {
  if (key === 'clock_skew_ms' || key === 'echo_duration_ms') return { is: 'literal', text: '<milliseconds>' }
  if (countdowns.has(key)) return { is: 'span', seconds: value }
  if (Math.abs(value - at / 1000) < 86_400 * 366 * 5) return { is: 'moment', form: 'unix seconds', offset: value - at / 1000 }
  return { is: 'literal', text: literal }
}

const time = /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d+)?(Z|[+-]\d\d:\d\d)$/
const countdowns = new Set(['ttl', 'lease_duration', 'creation_ttl', 'wrap_ttl'])

/** What says which product, build and cluster this is, and what is random without having a form of its own. */
const hidden = new Map([
  ['version', 'version'],
  ['build_date', 'date'],
  ['commit_date', 'date'],
  ['otp', 'otp'],
  ['encoded_token', 'token'],
  ['root_token', 'root token'],
])

function isEpoch(value: string): boolean {
  return value.startsWith('0001-01-01T') || value.startsWith('1970-01-01T')
}

/** Random values by the form they have, also inside a sentence. A later pattern sees what an earlier one left. */
const forms: readonly (readonly [RegExp, (found: string) => string])[] = [
  [/[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}/g, () => 'uuid'],
  [/vault-cluster-[0-9a-f]{8}/g, () => 'cluster name'],
  [/(?<![A-Za-z0-9+/])[A-Za-z0-9+/]{44}(?![A-Za-z0-9+/=])/g, () => 'random base64'],
  [/\b(hv)?s\.[A-Za-z0-9_-]{24,}/g, () => 'service token'],
  [/\b(hv)?b\.[A-Za-z0-9_-]{24,}/g, () => 'batch token'],
  [/\b[a-z][a-z0-9_-]*_[0-9a-f]{8}\b/g, found => `accessor of ${found.slice(0, -9)}`],
  [/\bv\d+\.\d+\.\d+\+builtin(\.[a-z]+)?/g, () => 'built-in version'],
  [/\b(?=[A-Za-z0-9]*[A-Z])(?=[A-Za-z0-9]*[a-z])[A-Za-z0-9]{24}\b/g, () => 'random'],
  [/\b[0-9a-f]{66}\b/g, () => 'random hex'],
  [/\b(h[0-9a-f]{64}|[0-9a-f]{40})\b/g, () => 'salted token'],
  [/127\.0\.0\.1:\d+/g, () => 'address'],
  [/\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d+)?Z/g, () => 'time'],
]

/** A text that is no JSON, line by line: what a command line prints. Columns are as wide as the widest value, so spaces count as one. */
export function normaliseLines(text: string, names: Names): readonly string[] {
  const plain = text
    .replaceAll(/\d{4}-\d\d-\d\d \d\d:\d\d:\d\d(\.\d+)? \+0000 UTC/g, '<time>')
    .replaceAll(/\b1[789]\d{8}\b/g, '<unix time>')
    .replaceAll(/\b(\d+h(\d+m(\d+s)?)?|\d+m(\d+s)?|\d+s)\b/g, '<duration>')
  const context: Context = { names, at: 0, key: '', remember: true }
  return plain.split('\n').map(line => inText(line.trimEnd().replaceAll(/ {2,}/g, '  ').replaceAll(/-{4,}/g, '----'), context))
}

function inText(text: string, { names, remember }: Context): string {
  return forms.reduce((left, [form, kind]) => left.replace(form, found => names.of(kind(found), found, remember)), text)
}

function isLiteral(value: unknown): value is Literal {
  return typeof value === 'object' && value !== null && typeof (value as Partial<Literal>).literal === 'string' && 'value' in value
}

/** As the reader of a failure sees it. */
export function show(normal: Normal): string {
  switch (normal.is) {
    case 'literal':
      return normal.text
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
