import { nearest, parseDuration, type Seconds, seconds, type SourceRange } from '../../kernel/index.ts'
import type { ConfigAttribute, ConfigValue } from '../../hcl/index.ts'
import { codes, type Findings } from './findings.ts'

/** One word of a body: how its value is read, or why there is none. */
export type Word<T> =
  | { readonly is: 'value'; readonly expected: string; read(value: ConfigValue): T | undefined }
  /** Accepted for the sake of existing files; the note says why it changes nothing. */
  | { readonly is: 'inert'; readonly note: string }
  /** Known, but what it asks for is not there, so it must not be passed over; a value that asks for nothing may stand. */
  | { readonly is: 'refused'; readonly why: string; readonly unless?: (value: ConfigValue) => boolean }

export type ValueWord<T> = Extract<Word<T>, { readonly is: 'value' }>

/** Words whose values are those of `V`, and others that give none. */
export type Words<V> = { readonly [K in keyof V]-?: ValueWord<Exclude<V[K], undefined>> } & Readonly<Record<string, Word<unknown>>>

const TRUE = new Set(['1', 't', 'T', 'true', 'TRUE', 'True'])
const FALSE = new Set(['0', 'f', 'F', 'false', 'FALSE', 'False'])

/** As the field's files have it: `true`, `"true"`, `1`. */
export function readBool(value: ConfigValue): boolean | undefined {
  if (value.kind === 'bool') return value.value
  const text = value.kind === 'number' ? value.source : value.kind === 'string' ? value.value.trim() : ''
  return TRUE.has(text) ? true : FALSE.has(text) ? false : undefined
}

function readWhole(value: ConfigValue): number | undefined {
  if (value.kind === 'number') return Number.isSafeInteger(value.value) ? value.value : undefined
  return value.kind === 'string' && /^[+-]?\d{1,15}$/.test(value.value.trim()) ? Number(value.value) : undefined
}

function readSpan(value: ConfigValue): Seconds | undefined {
  const span = parseDuration(value.kind === 'number' || value.kind === 'string' ? value.value : undefined)
  return span === undefined || span < 0 || (value.kind === 'string' && value.value.trim() === '') ? undefined : seconds(Math.ceil(span))
}

function readList(value: ConfigValue): readonly string[] | undefined {
  if (value.kind === 'string')
    return value.value
      .split(',')
      .map(it => it.trim())
      .filter(it => it !== '')
  if (value.kind !== 'list') return undefined
  const entries = value.elements.map(it => (it.kind === 'string' ? it.value : undefined))
  return entries.includes(undefined) ? undefined : (entries as readonly string[])
}

const value = <T>(expected: string, read: (value: ConfigValue) => T | undefined): ValueWord<T> => ({ is: 'value', expected, read })

/** Makers of words. */
export const word: {
  readonly text: ValueWord<string>
  readonly bool: ValueWord<boolean>
  /** Seconds, or a Go duration; a fraction is rounded up, so that a limit that was asked for never becomes none. */
  readonly span: ValueWord<Seconds>
  readonly list: ValueWord<readonly string[]>
  whole(least: number): ValueWord<number>
  oneOf<const T extends string>(...choices: readonly T[]): ValueWord<T>
  inert(note: string): Extract<Word<never>, { readonly is: 'inert' }>
  refused(why: string): Extract<Word<never>, { readonly is: 'refused' }>
  /** A switch that may only stand where it stands anyway. */
  only(state: boolean, why: string): Extract<Word<never>, { readonly is: 'refused' }>
} = {
  text: value('a string', it => (it.kind === 'string' ? it.value : undefined)),
  bool: value('true or false', readBool),
  span: value('a duration, such as "90s" or 90', readSpan),
  list: value('a list of strings, or a string with commas', readList),
  whole: least =>
    value(`a whole number of at least ${least}`, it => {
      const read = readWhole(it)
      return read !== undefined && read >= least ? read : undefined
    }),
  oneOf: (...choices) =>
    value(`one of ${choices.join(', ')}`, it =>
      it.kind === 'string' ? choices.find(choice => choice === it.value.trim().toLowerCase()) : undefined,
    ),
  inert: note => ({ is: 'inert', note }),
  refused: why => ({ is: 'refused', why }),
  only: (state, why) => ({ is: 'refused', why, unless: it => readBool(it) === state }),
}

/** Where each value stands, for what is found out about it later. */
export type Places = ReadonlyMap<string, SourceRange>

export interface ReadWords<V> {
  readonly values: V
  readonly places: Places
}

/** Reads the attributes of one body. `inside` names the body in messages: `listener "tcp"`; '' for the file itself. */
export function readWords<V>(attributes: readonly ConfigAttribute[], words: Words<V>, inside: string, findings: Findings): ReadWords<V> {
  const values: Record<string, unknown> = {}
  const places = new Map<string, SourceRange>()
  const where = inside === '' ? '' : `${inside}: `
  for (const { name, nameAt, value: given } of attributes) {
    const known = Object.hasOwn(words, name) ? (words[name] as Word<unknown>) : undefined
    if (known === undefined) {
      findings.error(codes.unknownWord, `${where}unknown key "${name}"`, nameAt, suggestion(name, Object.keys(words)))
      continue
    }
    // As in the peer's files, a null is a word left out.
    if (given.kind === 'null') continue
    places.set(name, given.at)
    if (known.is === 'inert') findings.note(`${where}${name} has no effect: ${known.note}`, nameAt)
    else if (known.is === 'refused') {
      if (known.unless?.(given) !== true) findings.error(codes.unsupportedWord, `${where}${name} is not supported: ${known.why}`, nameAt)
    } else {
      const read = known.read(given)
      if (read === undefined) findings.error(codes.badValue, `${where}${name}: expected ${known.expected}`, given.at)
      else values[name] = read
    }
  }
  return { values: values as V, places }
}

export function suggestion(name: string, known: readonly string[]): string {
  const near = nearest(name, known)
  return near === undefined ? `known here: ${known.join(', ')}` : `did you mean "${near}"?`
}
