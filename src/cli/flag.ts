import { parseDuration } from '../kernel/index.ts'

/** Go's syntax of a boolean: what scripts written for the field's tools pass. */
const BOOLEANS: Readonly<Record<string, boolean>> = {
  '1': true,
  t: true,
  T: true,
  true: true,
  TRUE: true,
  True: true,
  '0': false,
  f: false,
  F: false,
  false: false,
  FALSE: false,
  False: false,
}

export interface Flag<out T> {
  /** What stands in the help between `=<` and `>`; undefined for a switch, which needs no value. */
  readonly value: string | undefined
  readonly doc: string
  readonly group: string
  readonly hidden: boolean
  readonly aliases: readonly string[]
  /** Read when the flag is not given: this variable, or the same with VAULT_ in place of BAO_. */
  readonly env: string | undefined
  readonly initial: T
  /** The flag's value after one more occurrence; undefined: the text cannot be read. */
  read(text: string, before: unknown): T | undefined
}

export type Flags = Readonly<Record<string, Flag<unknown>>>
/** The values that a record of flags has; the record may be an interface. */
export type ValuesOf<F> = { readonly [K in keyof F]: F[K] extends Flag<infer T> ? T : never }

export interface FlagOptions {
  readonly group?: string
  readonly hidden?: boolean
  readonly aliases?: readonly string[]
  readonly env?: string
}

function make<T>(value: string | undefined, doc: string, initial: T, options: FlagOptions, read: Flag<T>['read']): Flag<T> {
  const { group = 'Command Options', hidden = false, aliases = [], env } = options
  return { value, doc, group, hidden, aliases, env, initial, read }
}

/** Go's strconv with base 0: decimal, 0x, 0o, 0b, a leading 0 for octal, and underscores between digits. */
function integer(text: string): number | undefined {
  if (!/^[+-]?(0[xX][\da-fA-F]+|0[oO]?[0-7]+|0[bB][01]+|[1-9]\d*|0)$/.test(text)) return undefined
  const digits = text.replace(/^[+-]/, '').replace(/^0(?=[0-7])/, '0o')
  const value = Number(digits)
  return text.startsWith('-') ? -value : value
}

function duration(text: string): number | undefined {
  // `system` is the field's old word for "the server's own default", which the API spells as a negative span.
  return text === 'system' ? -1 : parseDuration(text)
}

function pair(text: string, before: unknown): ReadonlyMap<string, string> | undefined {
  const at = text.indexOf('=')
  if (at < 0) return undefined
  return new Map([...(before as ReadonlyMap<string, string>), [text.slice(0, at), text.slice(at + 1)]])
}

function string(doc: string, options: FlagOptions & { readonly default: string }): Flag<string>
function string(doc: string, options?: FlagOptions): Flag<string | undefined>
function string(doc: string, options: FlagOptions & { readonly default?: string } = {}): Flag<string | undefined> {
  return make('string', doc, options.default, options, text => text)
}

function int(doc: string, options: FlagOptions & { readonly default: number }): Flag<number>
function int(doc: string, options?: FlagOptions): Flag<number | undefined>
function int(doc: string, options: FlagOptions & { readonly default?: number } = {}): Flag<number | undefined> {
  return make('int', doc, options.default, options, integer)
}

/**
 * Makers of flags. A flag's name is its key in the command's record, in kebab-case: `keyShares` is `-key-shares`.
 * Without a default an absent flag is undefined, so that "not given" and "given empty" stay apart.
 */
export const flag: {
  readonly string: typeof string
  readonly int: typeof int
  /** A switch: `-force`, `-force=false`. */
  bool(doc: string, options?: FlagOptions & { readonly default?: boolean }): Flag<boolean>
  /** A switch with a third state: not given. */
  maybe(doc: string, options?: FlagOptions): Flag<boolean | undefined>
  /** In seconds, perhaps with a fraction; `system` is -1. */
  duration(doc: string, options?: FlagOptions): Flag<number | undefined>
  /** May be repeated; each occurrence is one entry. */
  strings(doc: string, options?: FlagOptions): Flag<readonly string[]>
  /** `key=value`, may be repeated. */
  pairs(doc: string, options?: FlagOptions): Flag<ReadonlyMap<string, string>>
} = {
  string,
  int,
  bool: (doc, options = {}) => make(undefined, doc, options.default ?? false, options, text => BOOLEANS[text]),
  maybe: (doc, options = {}) => make<boolean | undefined>(undefined, doc, undefined, options, text => BOOLEANS[text]),
  duration: (doc, options = {}) => make<number | undefined>('duration', doc, undefined, options, duration),
  strings: (doc, options = {}) =>
    make<readonly string[]>('string', doc, [], options, (text, before) => [...(before as readonly string[]), text.trim()]),
  pairs: (doc, options = {}) => make<ReadonlyMap<string, string>>('key=value', doc, new Map(), options, pair),
}

/** `keyShares` → `key-shares`. */
export const flagName = (key: string): string => key.replace(/[A-Z]/g, letter => `-${letter.toLowerCase()}`)
