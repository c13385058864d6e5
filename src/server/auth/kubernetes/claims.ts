/**
 * The JSON Web Token (RFC 7519) of a login: its form, its signature where the mount knows the keys, its registered claims. A token
 * that passes is only well-formed: who stands behind it, the API server says.
 */
import type { KeyObject } from 'node:crypto'
import { isSignedByAny } from '../../jose/index.ts'
import { faults, type Fault } from '../../logical/index.ts'

export type Claims = Readonly<Record<string, unknown>>

/** RFC 7518 section 3.1: what a Kubernetes cluster may sign with. */
const ALGORITHMS = ['RS256', 'RS384', 'RS512', 'ES256', 'ES384', 'ES512']
/** Known to the peer, though not to be used: it says so where it has no key to check them by. */
const OTHERS = ['PS256', 'PS384', 'PS512', 'EdDSA']
/** How far the clocks of cluster and server may be apart, in seconds. */
const SKEW = 60

/** The peer answers so to whatever is no token, or none that it trusts; why, it does not say. */
const denied = (cause?: unknown): Fault => faults.tokenRefused({ cause })
const refused = (why: string): Fault => faults.forbidden({ why })

export interface Expected {
  readonly issuer: string | undefined
  readonly audience: string | undefined
  /** None: the signature is left to the API server. */
  readonly keys: readonly KeyObject[]
}

export async function readToken(token: string, expected: Expected, now: Date): Promise<Claims> {
  const bare = token.replace(/\s/g, '')
  const [header, payload, signature, ...more] = bare.split('.')
  if (header === undefined || payload === undefined || signature === undefined || more.length > 0) throw denied()
  const algorithm = objectOf(header)['alg']
  if (typeof algorithm !== 'string' || ![...ALGORITHMS, ...OTHERS].includes(algorithm) || !BASE64URL.test(signature)) throw denied()
  const claims = objectOf(payload)
  if (expected.keys.length > 0 && !(await isSignedByAny(bare, expected.keys, ALGORITHMS))) throw denied()
  if (!ALGORITHMS.includes(algorithm)) {
    throw refused('invalid algorithm (alg) header parameter: token signed with unexpected algorithm')
  }
  checkForms(claims)
  checkMeaning(claims, expected, Math.floor(now.getTime() / 1000))
  return claims
}

const BASE64URL = /^[A-Za-z0-9_-]+$/

function objectOf(part: string): Claims {
  if (!BASE64URL.test(part)) throw denied()
  let value: unknown
  try {
    value = JSON.parse(Buffer.from(part, 'base64url').toString())
  } catch (cause) {
    throw denied(cause)
  }
  if (typeof value !== 'object' || value === null || Array.isArray(value)) throw denied()
  return value as Claims
}

const NUMBER = 'go-jose/go-jose/jwt: expected number value to unmarshal NumericDate'
const AUDIENCE = 'go-jose/go-jose/jwt: expected string or array value to unmarshal to Audience'
const isDate = (it: unknown): boolean => it === undefined || it === null || typeof it === 'number'
const isAudience = (it: unknown): boolean =>
  it === undefined || it === null || typeof it === 'string' || (Array.isArray(it) && it.every(part => typeof part === 'string'))
const jsonType = (it: unknown): string => (Array.isArray(it) ? 'array' : typeof it === 'boolean' ? 'bool' : typeof it)

/** In the order of their names, as the peer looks at them. */
function checkForms(claims: Claims): void {
  if (!isAudience(claims['aud'])) throw refused(AUDIENCE)
  if (!isDate(claims['exp']) || !isDate(claims['iat'])) throw refused(NUMBER)
  for (const name of ['iss', 'jti'] as const) checkText(name, claims[name])
  if (!isDate(claims['nbf'])) throw refused(NUMBER)
  checkText('sub', claims['sub'])
}

function checkText(name: string, value: unknown): void {
  if (value === undefined || value === null || typeof value === 'string') return
  throw refused(`json: cannot unmarshal ${jsonType(value)} into Go struct field Claims.${name} of type string`)
}

function checkMeaning(claims: Claims, { issuer, audience }: Expected, now: number): void {
  if (issuer !== undefined && claims['iss'] !== issuer) throw refused('invalid issuer (iss) claim')
  if (audience !== undefined && ![claims['aud']].flat().includes(audience)) {
    throw refused('invalid audience (aud) claim: audience claim does not match any expected audience')
  }
  const { nbf, exp, iat } = claims
  if (typeof nbf === 'number' && now + SKEW < Math.trunc(nbf)) throw refused('invalid not before (nbf) claim: token not yet valid')
  if (typeof exp === 'number' && now - SKEW > Math.trunc(exp)) throw refused('invalid expiration time (exp) claim: token is expired')
  if (typeof iat === 'number' && now + SKEW < Math.trunc(iat)) throw refused('invalid issued at (iat) claim: token issued in the future')
}
