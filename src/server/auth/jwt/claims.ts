/** The registered claims of a token (RFC 7519, section 4.1): their forms, and what they have to say. In the peer's words. */
import { goKindOf, goQuote } from '../../../kernel/index.ts'

export type Claims = Readonly<Record<string, unknown>>

/** The claims say no; the message is the peer's. */
export class ClaimsRefused extends Error {}

export interface Expected {
  /** Empty texts and lists: anything. */
  readonly issuer: string
  readonly subject: string
  readonly audiences: readonly string[]
  /** Seconds. 0: the default; below: none. */
  readonly expirationLeeway: number
  readonly notBeforeLeeway: number
  readonly clockSkewLeeway: number
}

/** Seconds that a time which is not claimed is taken from the others, and that the clocks may be apart. */
const LEEWAY = 150
const SKEW = 60

const NUMBER = 'go-jose/go-jose/jwt: expected number value to unmarshal NumericDate'
const AUDIENCE = 'go-jose/go-jose/jwt: expected string or array value to unmarshal to Audience'
const isDate = (it: unknown): boolean => it === undefined || it === null || typeof it === 'number'
const isAudience = (it: unknown): boolean =>
  it === undefined || typeof it === 'string' || (Array.isArray(it) && it.every(part => typeof part === 'string'))

const REGISTERED = ['iss', 'sub', 'aud', 'exp', 'nbf', 'iat', 'jti']

/** In the order of their names, as the peer looks at them. Some readers take `EXP` for `exp`, so nobody may claim it. */
export function checkForms(claims: Claims): void {
  for (const key of Object.keys(claims)) {
    const registered = REGISTERED.find(it => key !== it && key.toLowerCase() === it)
    if (registered !== undefined) {
      const collision = `key ${goQuote(key)} collides with registered claim ${goQuote(registered)}`
      throw new ClaimsRefused(`ambiguous claim: ${collision} under case folding`)
    }
  }
  if (!isAudience(claims['aud'])) throw new ClaimsRefused(AUDIENCE)
  if (!isDate(claims['exp']) || !isDate(claims['iat'])) throw new ClaimsRefused(NUMBER)
  for (const name of ['iss', 'jti'] as const) checkText(name, claims[name])
  if (!isDate(claims['nbf'])) throw new ClaimsRefused(NUMBER)
  checkText('sub', claims['sub'])
}

function checkText(name: string, value: unknown): void {
  if (value === undefined || value === null || typeof value === 'string') return
  throw new ClaimsRefused(`json: cannot unmarshal ${goKindOf(value)} into Go struct field Claims.${name} of type string`)
}

const leewayOf = (given: number, usual: number): number => (given < 0 ? 0 : given === 0 ? usual : given)
const secondsOf = (it: unknown): number => (typeof it === 'number' ? Math.trunc(it) : 0)

/**
 * A token must claim at least one time. Without an end it ends a while behind its beginning, and without a beginning it begins when it
 * was issued, or a while before its end.
 */
export function checkMeaning(claims: Claims, expected: Expected, now: Date): void {
  if (expected.issuer !== '' && claims['iss'] !== expected.issuer) throw new ClaimsRefused('invalid issuer (iss) claim')
  if (expected.subject !== '' && claims['sub'] !== expected.subject) throw new ClaimsRefused('invalid subject (sub) claim')
  if (expected.audiences.length > 0 && ![claims['aud']].flat().some(it => expected.audiences.includes(it as string))) {
    throw new ClaimsRefused('invalid audience (aud) claim: audience claim does not match any expected audience')
  }
  const issued = secondsOf(claims['iat'])
  let begin = secondsOf(claims['nbf'])
  let end = secondsOf(claims['exp'])
  if (issued === 0 && begin === 0 && end === 0) {
    throw new ClaimsRefused('no issued at (iat), not before (nbf), or expiration time (exp) claims in token')
  }
  if (end === 0) end = Math.max(issued, begin) + leewayOf(expected.expirationLeeway, LEEWAY)
  if (begin === 0) begin = issued === 0 ? end - leewayOf(expected.notBeforeLeeway, LEEWAY) : issued
  const at = now.getTime() / 1000
  const skew = leewayOf(expected.clockSkewLeeway, SKEW)
  if (at + skew < begin) throw new ClaimsRefused('invalid not before (nbf) claim: token not yet valid')
  if (at - skew > end) throw new ClaimsRefused('invalid expiration time (exp) claim: token is expired')
  if (at + skew < issued) throw new ClaimsRefused('invalid issued at (iat) claim: token issued in the future')
}
