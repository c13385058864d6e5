import type { Json } from '../../kernel/index.ts'
import { f, type Field } from '../../schema/index.ts'
import { textOf } from '../model/index.ts'

/** One attribute of a managed object: how it is written, what it means when it is not, and when two of its values are alike. */
export interface Attribute {
  readonly field: Field<unknown>
  /** What the server has when nothing was said, canonical. Absent: an attribute that no file gives is left alone. */
  readonly fallback?: Json
  /** Brings a decoded value into canonical form. */
  readonly tidy: (value: Json) => Json
  /** From canonical form to what the API takes, where that is another. */
  readonly toWire: (value: Json) => Json
  /** Deprecated names that mean the same. */
  readonly aliases: readonly string[]
  /** Can be said when the object is created, and never again. */
  readonly fixed: boolean
  /** Fixed, and yet to be said with every change: the server wants to hear what it knows. */
  readonly repeated: boolean
  /** Once it is on it stays on, whatever is said. */
  readonly oneWay: boolean
  /** Its values are names of policies. */
  readonly namesPolicies: boolean
  /** Not in the object's own answer but in one of its own, below its path; asked for only where a file gives it. */
  readonly readAt?: string
  /** Not written with the object but by a request of its own, below its path. */
  readonly writeAt?: string
  /** Under which keys the answer holds it, from the outside in, where that is not its own name. */
  readonly answeredAs?: readonly string[]
  /**
   * No answer holds it. `tracked`: the ledger knows a keyed hash of what was written; `said`: it tells the server how to take
   * the write and is no state, so it goes with every write and is never compared.
   */
  readonly unread?: 'tracked' | 'said'
  /** Its values are names of identities, for which the API has IDs. */
  readonly link?: Link
  /** Its values are names of other objects, which have to be there for it to work. */
  readonly names?: Names
  /** Said only where it differs from the default, or has to go back to it: elsewhere it would appear beside what was said. */
  readonly sparse: boolean
  /** A password or a key: a file names where it is kept, and never holds it. */
  readonly secret: boolean
  /** What in an answer tells that a secret is set, though not what it is: a key, from the outside in; `always`: there is none without. */
  readonly setBy?: 'always' | readonly string[]
}

/**
 * How names become IDs: `entity` and `group` are lists of IDs, under the name that the API gives them; `aliases` is what
 * logins are called on each mount, by its path, and `alias` the one of a group.
 */
export type Link = { readonly of: 'entity' | 'group'; readonly as: string } | { readonly of: 'aliases' | 'alias' }

/**
 * Where what a value names is kept: on the same mount, or among what every server has, at one of these paths. Values that mean something
 * else, and those with a `*`, name nothing.
 */
export interface Names {
  readonly on: 'mount' | 'sys' | 'identity'
  readonly at: readonly string[]
  readonly but?: readonly string[]
}

export type Shape = Readonly<Record<string, Attribute>>

export interface AttributeOptions<T extends Json> {
  /** `null`: it has none, and is left alone where no file gives it. */
  readonly fallback?: T | null
  readonly aliases?: readonly string[]
  readonly fixed?: boolean
  readonly repeated?: boolean
  readonly oneWay?: boolean
  readonly tidy?: (value: Json) => Json
  readonly toWire?: (value: Json) => Json
  readonly readAt?: string
  readonly writeAt?: string
  readonly answeredAs?: readonly string[]
  readonly unread?: 'tracked' | 'said'
  readonly sparse?: boolean
  readonly link?: Link
  readonly setBy?: 'always' | readonly string[]
  readonly names?: Names
}

const same = (value: Json): Json => value

function make<T extends Json>(field: Field<unknown>, fallback: T, o: AttributeOptions<T>, more: Partial<Attribute> = {}): Attribute {
  return {
    field,
    ...(o.fallback === null ? {} : { fallback: o.fallback ?? fallback }),
    tidy: o.tidy ?? same,
    toWire: o.toWire ?? same,
    aliases: o.aliases ?? [],
    fixed: o.fixed ?? false,
    repeated: o.repeated ?? false,
    oneWay: o.oneWay ?? false,
    namesPolicies: false,
    sparse: o.sparse ?? false,
    secret: false,
    ...(o.readAt === undefined ? {} : { readAt: o.readAt }),
    ...(o.writeAt === undefined ? {} : { writeAt: o.writeAt }),
    ...(o.answeredAs === undefined ? {} : { answeredAs: o.answeredAs }),
    ...(o.unread === undefined ? {} : { unread: o.unread }),
    ...(o.link === undefined ? {} : { link: o.link }),
    ...(o.names === undefined ? {} : { names: o.names }),
    ...(o.setBy === undefined ? {} : { setBy: o.setBy }),
    ...more,
  }
}

interface SetOptions extends AttributeOptions<readonly string[]> {
  /** Each value by itself, before the set is sorted. */
  readonly each?: (value: string) => string
  readonly policies?: boolean
}

/** Makers of attributes. */
export const attribute: {
  text(doc: string, options?: AttributeOptions<string>): Attribute
  /** One of a few words. */
  choice(doc: string, words: readonly string[], options?: AttributeOptions<string>): Attribute
  count(doc: string, options?: AttributeOptions<number>): Attribute
  /** A number that need not be whole. */
  amount(doc: string, options?: AttributeOptions<number>): Attribute
  flag(doc: string, options?: AttributeOptions<boolean>): Attribute
  /** A span of time; canonical in seconds. */
  span(doc: string, options?: AttributeOptions<number>): Attribute
  /** The same, where a negative one has a meaning of its own. */
  signedSpan(doc: string, options?: AttributeOptions<number>): Attribute
  /** A span of time that the API keeps as a text, `72h`; canonical in seconds, said with a unit. */
  writtenSpan(doc: string, options?: AttributeOptions<number>): Attribute
  /** Strings whose order and repetition mean nothing; canonical: sorted, each once. */
  set(doc: string, options?: SetOptions): Attribute
  /** Texts in the order that was said: statements. */
  list(doc: string, options?: SetOptions): Attribute
  /** Text by text. */
  pairs(doc: string, options?: AttributeOptions<Readonly<Record<string, string>>>): Attribute
  /** A map whose insides are the server's business. */
  map(doc: string, options?: AttributeOptions<Readonly<Record<string, Json>>>): Attribute
  /** Keys and certificates in PEM: line ends around them mean nothing. */
  pem(doc: string, options?: AttributeOptions<string>): Attribute
  /** What no file may hold and no answer does. */
  secret(doc: string, options?: AttributeOptions<string>): Attribute
} = {
  text: (doc, o = {}) => make(f.string(doc), '', o),
  choice: (doc, words, o = {}) => make(f.string(doc, { oneOf: words }), words[0] ?? '', o),
  count: (doc, o = {}) => make(f.int(doc, { min: 0 }), 0, o),
  amount: (doc, o = {}) => make(f.number(doc), 0, o),
  flag: (doc, o = {}) => make(f.bool(doc), false, o),
  span: (doc, o = {}) => make(f.duration(doc), 0, o),
  signedSpan: (doc, o = {}) => make(f.signedDuration(doc), 0, o),
  writtenSpan: (doc, o = {}) => make(f.duration(doc), 0, { toWire: value => `${Number(value)}s`, ...o }),
  set(doc, o = {}) {
    const each = o.each ?? (value => value)
    const tidy = (value: Json): Json => sortedSet((value as readonly string[]).map(each))
    return make(f.strings(doc), [] as readonly string[], { tidy, ...o }, { namesPolicies: o.policies ?? false })
  },
  list(doc, o = {}) {
    const each = o.each ?? (value => value)
    return make(f.texts(doc), [] as readonly string[], { tidy: value => (value as readonly string[]).map(each), ...o })
  },
  pairs: (doc, o = {}) => make(f.pairs(doc), {}, o),
  map: (doc, o = {}) => make(f.map(doc), {}, o),
  pem: (doc, o = {}) => make(f.string(doc), '', { tidy: value => trimmed(textOf(value)), ...o }),
  secret: (doc, o = {}) => make(f.string(doc), '', { fallback: null, unread: 'tracked', ...o }, { secret: true }),
}

export const trimmed = (value: string): string => value.trim()

export const sortedSet = (values: readonly string[]): readonly string[] => [...new Set(values.filter(it => it !== ''))].sort()

export const lowerCase = (value: string): string => value.toLowerCase()

/** As the server stores the addresses that tokens are bound to: no prefix length for a single address. */
export const boundAddress = (value: string): string => value.toLowerCase().replace(value.includes(':') ? /\/128$/ : /\/32$/, '')
