/**
 * Which values of one parameter pass, in one form for each meaning: `any` or some patterns, without some others. Two of them let
 * the same values pass if and only if their forms are equal: a pattern that another covers is left out, and so is an exception
 * that touches nothing.
 */
export interface ValueSet {
  readonly among: 'any' | readonly ValuePattern[]
  readonly except: readonly ValuePattern[]
}

interface ValuePattern {
  /** `other`: not a text; its JSON. */
  readonly is: 'text' | 'begins' | 'ends' | 'holds' | 'other'
  readonly text: string
}

export const anyValue: ValueSet = { among: 'any', except: [] }
export const noValue: ValueSet = { among: [], except: [] }
export const isNoValue = ({ among }: ValueSet): boolean => among !== 'any' && among.length === 0

/** `allowed` and `denied` as a rule lists them: an empty list is any value, undefined is none. */
export function valueSet(
  allowed: readonly unknown[] | undefined,
  denied: readonly unknown[] | undefined,
  { fromQuery }: { readonly fromQuery: boolean },
): ValueSet {
  const refused = denied === undefined ? [] : patternsOf(denied, fromQuery)
  if (denied?.length === 0 || allowed === undefined) return noValue
  if (allowed.length === 0) return { among: 'any', except: refused }
  const among = patternsOf(allowed, fromQuery).filter(it => !refused.some(other => coversValue(other, it)))
  return { among, except: refused.filter(it => among.some(other => touches(it, other))) }
}

function patternsOf(values: readonly unknown[], fromQuery: boolean): readonly ValuePattern[] {
  const all = new Map<string, ValuePattern>()
  for (const value of values) {
    const it = patternOfValue(value, fromQuery)
    if (it !== undefined) all.set(`${it.is} ${it.text}`, it)
  }
  const kept = [...all.values()].filter(it => ![...all.values()].some(other => other !== it && coversValue(other, it)))
  return kept.sort((a, b) => (`${a.is} ${a.text}` < `${b.is} ${b.text}` ? -1 : 1))
}

/** Undefined for what equals no value of any request. */
function patternOfValue(value: unknown, fromQuery: boolean): ValuePattern | undefined {
  if (typeof value === 'string') return textPattern(value)
  return canEqual(value, fromQuery) ? { is: 'other', text: jsonOf(value) } : undefined
}

function textPattern(pattern: string): ValuePattern {
  const [open, goesOn] = pattern.length < 2 ? [false, false] : [pattern.startsWith('*'), pattern.endsWith('*')]
  if (open && goesOn) return { is: 'holds', text: pattern.slice(1, -1) }
  if (open) return { is: 'ends', text: pattern.slice(1) }
  return goesOn ? { is: 'begins', text: pattern.slice(0, -1) } : { is: 'text', text: pattern }
}

/** Numbers, and objects in objects, equal nothing; see how parameters are checked. */
function canEqual(value: unknown, fromQuery: boolean): boolean {
  if (value === null || typeof value === 'boolean' || typeof value === 'string') return true
  if (typeof value !== 'object' || fromQuery) return false
  if (Array.isArray(value)) return value.every(it => canEqual(it, false))
  return Object.values(value).every(it => !(typeof it === 'object' && it !== null && !Array.isArray(it)) && canEqual(it, false))
}

const jsonOf = (value: unknown): string =>
  JSON.stringify(value, (_key, it: unknown) =>
    typeof it === 'object' && it !== null && !Array.isArray(it)
      ? Object.fromEntries(Object.entries(it).sort(([a], [b]) => (a < b ? -1 : 1)))
      : it,
  )

function coversValue(wide: ValuePattern, narrow: ValuePattern): boolean {
  if (wide.is === 'other' || narrow.is === 'other' || wide.is === 'text') return wide.is === narrow.is && wide.text === narrow.text
  if (wide.is === 'holds') return narrow.text.includes(wide.text)
  if (narrow.is !== 'text' && narrow.is !== wide.is) return false
  return wide.is === 'begins' ? narrow.text.startsWith(wide.text) : narrow.text.endsWith(wide.text)
}

/** Whether some value fits both. */
function touches(a: ValuePattern, b: ValuePattern): boolean {
  if (a.is === 'other' || b.is === 'other' || a.is === 'text' || b.is === 'text') return coversValue(a, b) || coversValue(b, a)
  if (a.is === 'begins' && b.is === 'begins') return a.text.startsWith(b.text) || b.text.startsWith(a.text)
  if (a.is === 'ends' && b.is === 'ends') return a.text.endsWith(b.text) || b.text.endsWith(a.text)
  return true
}

/** Whether `wide` surely lets pass all that `narrow` does. */
export function includesValues(wide: ValueSet, narrow: ValueSet): boolean {
  const isAmong = (it: ValuePattern): boolean => wide.among === 'any' || wide.among.some(other => coversValue(other, it))
  if (narrow.among === 'any' ? wide.among !== 'any' : !narrow.among.every(isAmong)) return false
  return wide.except.every(
    it =>
      narrow.except.some(other => coversValue(other, it)) || (narrow.among !== 'any' && !narrow.among.some(other => touches(it, other))),
  )
}

/** For people: `"a*", true but not "ab*"`. */
export function valueSetText({ among, except }: ValueSet): string {
  const list = (patterns: readonly ValuePattern[]): string => patterns.map(textOfPattern).join(', ')
  const some = among === 'any' ? 'any value' : among.length === 0 ? 'no value' : list(among)
  return except.length === 0 ? some : `${some} but ${list(except)}`
}

function textOfPattern({ is, text }: ValuePattern): string {
  if (is === 'other') return text
  const [before, after] = [is === 'ends' || is === 'holds' ? '*' : '', is === 'begins' || is === 'holds' ? '*' : '']
  return JSON.stringify(before + text + after)
}
