/** What a provider gives for a code (OpenID Connect Core 1.0, sections 3.1.3 and 5.3), believed only as far as it is verified. */
import { createHash } from 'node:crypto'
import { claimsOf } from './login.ts'
import { ClaimsRefused, type Claims } from './claims.ts'
import { Malformed } from './compact.ts'
import type { Config } from './config-record.ts'
import type { Discovered } from './discovery.ts'
import type { Issuer } from './issuer.ts'
import { NotVerified } from './keys.ts'
import { objectOf, OutsideFailure, type OutsideAnswer } from './outside.ts'
import type { PendingLogin } from './pending-logins.ts'
import type { Role } from './role.ts'

export interface Tokens {
  readonly idToken: string
  /** Empty: none. */
  readonly accessToken: string
  readonly refreshToken: string
}

/** The provider gave nothing that will do. The message may be shown. */
export class NotExchanged extends Error {}

const text = (of: Readonly<Record<string, unknown>> | undefined, name: string): string => {
  const value = of?.[name]
  return typeof value === 'string' ? value : ''
}

/** The tokens in an answer of the token endpoint. */
export function tokensIn(answer: Readonly<Record<string, unknown>> | undefined): Tokens {
  return { idToken: text(answer, 'id_token'), accessToken: text(answer, 'access_token'), refreshToken: text(answer, 'refresh_token') }
}

/** RFC 6749, section 2.3.1: names and secrets are written as in a form before they are joined. */
function clientAuthentication(
  config: Config,
  methods: readonly string[],
): { readonly authorization?: string; readonly form: Readonly<Record<string, string>> } {
  const { oidcClientId: id, oidcClientSecret: secret } = config
  if (methods.includes('client_secret_basic') || !methods.includes('client_secret_post')) {
    const encoded = [id, secret].map(it => new URLSearchParams({ it }).toString().slice('it='.length)).join(':')
    return { authorization: `Basic ${Buffer.from(encoded).toString('base64')}`, form: {} }
  }
  return { form: { client_id: id, client_secret: secret } }
}

/** Rejects with NotExchanged and OutsideFailure. */
export function askForTokens(
  grant: Readonly<Record<string, string>>,
  config: Config,
  issuer: Issuer,
  discovered: Discovered,
  signal: AbortSignal,
): Promise<OutsideAnswer> {
  const { authorization, form } = clientAuthentication(config, discovered.tokenAuthMethods)
  const question = { url: discovered.tokenEndpoint, form: { ...grant, ...form } }
  return issuer.outside().ask(authorization === undefined ? question : { ...question, authorization }, signal)
}

/** Rejects with NotExchanged. */
export async function exchangeCode(
  code: string,
  login: PendingLogin,
  config: Config,
  issuer: Issuer,
  signal: AbortSignal,
): Promise<Tokens> {
  const grant = {
    grant_type: 'authorization_code',
    code,
    redirect_uri: login.redirectUri,
    ...(login.verifier !== undefined && { code_verifier: login.verifier }),
  }
  try {
    const answer = await askForTokens(grant, config, issuer, await issuer.discovered(signal), signal)
    const given = objectOf(answer.body)
    if (answer.status !== 200) {
      // RFC 6749, section 5.2: one of few words, which tells no secret.
      const error = text(given, 'error')
      throw new NotExchanged(`the provider refuses the code: ${/^[a-z_]{1,40}$/.test(error) ? error : answer.statusLine}`)
    }
    const tokens = tokensIn(given)
    if (tokens.idToken === '') throw new NotExchanged('the provider gave no id_token')
    return tokens
  } catch (cause) {
    if (cause instanceof OutsideFailure) throw new NotExchanged(cause.message, { cause })
    throw cause
  }
}

/** Seconds that the clocks of provider and server may be apart. */
const SKEW = 60
const secondsOf = (it: unknown): number => (typeof it === 'number' ? Math.trunc(it) : 0)

interface IdTokenQuestion {
  readonly tokens: Tokens
  readonly login: PendingLogin
  /** Whether the nonce was ever given to the provider: not with a device code. */
  readonly withNonce: boolean
  readonly config: Config
  readonly issuer: Issuer
  readonly role: Role
  readonly now: Date
  readonly signal: AbortSignal
}

/** The claims of an ID token that is what OpenID Connect Core 1.0, section 3.1.3.7, asks of one. Rejects with NotExchanged. */
export async function idTokenClaims(question: IdTokenQuestion): Promise<Claims> {
  const { tokens, login, withNonce, config, issuer, role, now, signal } = question
  const wrong = (why: string, cause?: unknown): NotExchanged => new NotExchanged(`invalid id_token: ${why}`, { cause })
  let claims: Claims
  try {
    const { alg, payload } = await (await issuer.keys(signal)).verify(tokens.idToken, signal)
    const allowed = config.jwtSupportedAlgs.length > 0 ? config.jwtSupportedAlgs : ['RS256']
    if (!allowed.includes(alg)) throw wrong('unexpected signature algorithm')
    claims = claimsOf(payload)
    if (tokens.accessToken !== '' && typeof claims['at_hash'] === 'string' && claims['at_hash'] !== halfHash(tokens.accessToken, alg)) {
      throw wrong('the access token is that of another (at_hash)')
    }
  } catch (cause) {
    if (cause instanceof Malformed || cause instanceof NotVerified || cause instanceof ClaimsRefused) throw wrong(cause.message, cause)
    throw cause
  }
  const audiences = [claims['aud'] ?? []].flat()
  const at = now.getTime() / 1000
  if (claims['iss'] !== (await issuer.discovered(signal)).issuer) throw wrong('invalid issuer (iss) claim')
  if (!audiences.includes(config.oidcClientId)) throw wrong('invalid audience (aud) claim')
  const party = claims['azp']
  if (party !== undefined && party !== config.oidcClientId) throw wrong('invalid authorized party (azp) claim')
  if (role.boundAudiences !== null && role.boundAudiences.length > 0 && !role.boundAudiences.some(it => audiences.includes(it))) {
    throw wrong('invalid audience (aud) claim')
  }
  if (typeof claims['sub'] !== 'string' || claims['sub'] === '') throw wrong('no subject (sub) claim')
  if (typeof claims['exp'] !== 'number' || at - SKEW > secondsOf(claims['exp'])) throw wrong('token is expired')
  if (at + SKEW < secondsOf(claims['nbf'])) throw wrong('token not yet valid')
  if (at + SKEW < secondsOf(claims['iat'])) throw wrong('token issued in the future')
  if (withNonce && claims['nonce'] !== login.nonce) throw wrong('invalid nonce')
  if (login.maxAge > 0 && at - SKEW > secondsOf(claims['auth_time']) + login.maxAge)
    throw wrong('the user logged in too long ago (auth_time)')
  return claims
}

/** Section 3.1.3.6: the left half of the hash that the signature is made with. */
function halfHash(token: string, alg: string): string {
  const bits = alg === 'EdDSA' ? '512' : alg.slice(2)
  const hash = createHash(`sha${bits}`).update(token).digest()
  return hash.subarray(0, hash.length / 2).toString('base64url')
}

/**
 * The claims, with those of the userinfo endpoint laid over: none where there is no such endpoint or it gives nothing good, since the
 * login does not rest on them. They must be about the same subject.
 */
export async function withUserInfo(
  claims: Claims,
  accessToken: string,
  issuer: Issuer,
  signal: AbortSignal,
  warn: (why: string) => void,
): Promise<Claims> {
  const { userinfoEndpoint: url } = await issuer.discovered(signal)
  if (accessToken === '' || url === '') return claims
  try {
    const answer = await issuer.outside().ask({ url, authorization: `Bearer ${accessToken}` }, signal)
    const more = answer.status === 200 ? objectOf(answer.body) : undefined
    if (more === undefined) warn(`the userinfo endpoint answers ${answer.statusLine}`)
    else if (more['sub'] !== claims['sub']) warn('the userinfo endpoint answers for another subject')
    // What the token itself says of its issue stands: it is signed.
    else return { ...claims, ...more, iss: claims['iss'], aud: claims['aud'], sub: claims['sub'] }
  } catch (cause) {
    if (!(cause instanceof OutsideFailure)) throw cause
    warn(cause.message)
  }
  return claims
}
