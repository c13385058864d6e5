import type { Json } from '../../kernel/index.ts'
import { f, type Field } from '../../schema/index.ts'

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
  /** Its values are names of policies. */
  readonly namesPolicies: boolean
  /** Not in the object's own answer but in one of its own, below its path; asked for only where a file gives it. */
  readonly readAt?: string
}

export type Shape = Readonly<Record<string, Attribute>>

export interface AttributeOptions<T extends Json> {
  /** `null`: it has none, and is left alone where no file gives it. */
  readonly fallback?: T | null
  readonly aliases?: readonly string[]
  readonly fixed?: boolean
  readonly tidy?: (value: Json) => Json
  readonly toWire?: (value: Json) => Json
  readonly readAt?: string
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
    namesPolicies: false,
    ...(o.readAt === undefined ? {} : { readAt: o.readAt }),
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
  flag(doc: string, options?: AttributeOptions<boolean>): Attribute
  /** A span of time; canonical in seconds. */
  span(doc: string, options?: AttributeOptions<number>): Attribute
  /** The same, where a negative one has a meaning of its own. */
  signedSpan(doc: string, options?: AttributeOptions<number>): Attribute
  /** Strings whose order and repetition mean nothing; canonical: sorted, each once. */
  set(doc: string, options?: SetOptions): Attribute
  /** Text by text. */
  pairs(doc: string, options?: AttributeOptions<Readonly<Record<string, string>>>): Attribute
} = {
  text: (doc, o = {}) => make(f.string(doc), '', o),
  choice: (doc, words, o = {}) => make(f.string(doc, { oneOf: words }), words[0] ?? '', o),
  count: (doc, o = {}) => make(f.int(doc, { min: 0 }), 0, o),
  flag: (doc, o = {}) => make(f.bool(doc), false, o),
  span: (doc, o = {}) => make(f.duration(doc), 0, o),
  signedSpan: (doc, o = {}) => make(f.signedDuration(doc), 0, o),
  set(doc, o = {}) {
    const each = o.each ?? (value => value)
    const tidy = (value: Json): Json => sortedSet((value as readonly string[]).map(each))
    return make(f.strings(doc), [] as readonly string[], { tidy, ...o }, { namesPolicies: o.policies ?? false })
  },
  pairs: (doc, o = {}) => make(f.pairs(doc), {}, o),
}

export const sortedSet = (values: readonly string[]): readonly string[] => [...new Set(values.filter(it => it !== ''))].sort()

export const lowerCase = (value: string): string => value.toLowerCase()

/** As the server stores the addresses that tokens are bound to: no prefix length for a single address. */
export const boundAddress = (value: string): string => value.toLowerCase().replace(value.includes(':') ? /\/128$/ : /\/32$/, '')
