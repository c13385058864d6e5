/** What a role demands of claims. The message of a refusal is the peer's. */
import { globFits, goPrinted, goQuote } from '../../../kernel/index.ts'
import { ClaimsRefused, type Claims } from './claims.ts'

import { claimAt } from './pointer.ts'

/** A number as it was written, apart from a text of the same letters. */
interface Numeral {
  readonly numeral: string
}
type Scalar = string | boolean | Numeral | undefined

const isRaw = (value: unknown): value is { readonly rawJSON: string } =>
  typeof value === 'object' && value !== null && typeof (value as { readonly rawJSON?: unknown }).rawJSON === 'string'

/** What a role binds to: numbers by the letters that they were written in. */
function demanded(value: unknown): Scalar {
  if (typeof value === 'string' || typeof value === 'boolean') return value
  if (typeof value === 'number') return { numeral: String(value) }
  return isRaw(value) ? { numeral: value.rawJSON } : undefined
}

const isScalar = (value: unknown): boolean => ['string', 'boolean', 'number'].includes(typeof value) || isRaw(value)

/** What a token claims. A number counts without its fraction, and not at all inside a list, as the peer has it. */
function claimed(value: unknown, inList: boolean): Scalar {
  if (typeof value === 'string' || typeof value === 'boolean') return value
  return typeof value === 'number' && !inList ? { numeral: String(Math.trunc(value)) } : undefined
}

function isSame(a: Scalar, b: Scalar): boolean {
  if (a === undefined || b === undefined) return false
  return typeof a === 'object' && typeof b === 'object' ? a.numeral === b.numeral : a === b
}

export interface Bound {
  readonly type: 'string' | 'glob'
  readonly claims: Readonly<Record<string, unknown>>
}

/** Every claim that is bound must have one of its values. */
export function checkBoundClaims({ type, claims: bound }: Bound, claims: Claims): void {
  for (const [name, demand] of Object.entries(bound)) {
    const value = claimAt(claims, name)
    if (value === undefined) throw new ClaimsRefused(`claim ${goQuote(name)} is missing`)
    if (!Array.isArray(value) && !isScalar(value)) {
      throw new ClaimsRefused(`received claim is not a string, bool, int or list: ${goPrinted(value)}`)
    }
    if (!Array.isArray(demand) && !isScalar(demand)) {
      throw new ClaimsRefused(`bound claim is not a string, bool, int or list: ${goPrinted(demand)}`)
    }
    const has = Array.isArray(value) ? value.map(it => claimed(it, true)) : [claimed(value, false)]
    const wants = [demand].flat().map(demanded)
    const fit = type === 'glob' ? fitsGlob : isSame
    if (!wants.some(want => has.some(it => fit(want, it)))) {
      throw new ClaimsRefused(`claim ${goQuote(name)} does not match any associated bound claim values`)
    }
  }
}

/** Patterns and claims of other kinds than text fit nothing. */
const fitsGlob = (want: Scalar, it: Scalar): boolean => typeof want === 'string' && typeof it === 'string' && globFits(want, it)

/** What is wrong with values that are to be patterns, in the peer's words. */
export function wrongPattern(claims: Readonly<Record<string, unknown>>): string | undefined {
  for (const value of Object.values(claims)) {
    if (!Array.isArray(value) && !isScalar(value)) return `claim is not a string or list: ${goPrinted(value)}`
    const wrong = [value].flat().find(it => typeof it !== 'string')
    if (wrong !== undefined) return `claim is not a string: ${goPrinted(wrong)}`
  }
  return undefined
}
