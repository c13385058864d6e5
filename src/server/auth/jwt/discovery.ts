/** What an OpenID provider says of itself (OpenID Connect Discovery 1.0, section 4). Messages are the peer's, but for those of the network. */
import { goQuote } from '../../../kernel/index.ts'
import { whyNoJson } from './compact.ts'
import { objectOf, OutsideFailure, type Outside } from './outside.ts'

export interface Discovered {
  readonly issuer: string
  readonly jwksUri: string
  readonly authorizationEndpoint: string
  readonly tokenEndpoint: string
  readonly userinfoEndpoint: string
  readonly deviceAuthorizationEndpoint: string
  readonly tokenAuthMethods: readonly string[]
}

/** The document could not be had, or is not that of this issuer. */
export class NotDiscovered extends Error {}

export const DISCOVERY = '/.well-known/openid-configuration'

interface Words {
  readonly undecodable: string
  readonly otherIssuer: (expected: string, got: string) => string
}
/** Of the two libraries that the peer has for it: one for keys alone, one for the way through a browser. */
export const WORDS = {
  keys: {
    undecodable: 'failed to decode OIDC discovery document',
    otherIssuer: (expected: string, got: string): string =>
      `issuer did not match the returned issuer, expected ${goQuote(expected)} got ${goQuote(got)}`,
  },
  provider: {
    undecodable: 'oidc: failed to decode provider discovery object',
    otherIssuer: (expected: string, got: string): string =>
      `oidc: issuer did not match the issuer returned by provider, expected ${goQuote(expected)} got ${goQuote(got)}`,
  },
} as const

/** The issuer must be, letter for letter, the address that was asked: another's keys would vouch for it. Rejects with NotDiscovered. */
export async function discover(url: string, outside: Outside, words: Words, signal: AbortSignal): Promise<Discovered> {
  const at = url.replace(/\/$/, '') + DISCOVERY
  let answer
  try {
    answer = await outside.ask({ url: at }, signal)
  } catch (cause) {
    if (!(cause instanceof OutsideFailure)) throw cause
    throw new NotDiscovered(cause.message, { cause })
  }
  if (answer.status !== 200) throw new NotDiscovered(answer.statusLine)
  const document = objectOf(answer.body)
  if (document === undefined) throw new NotDiscovered(`${words.undecodable}: ${whyNoJson(answer.body)}`)
  const text = (name: string): string => {
    const value = document[name]
    return typeof value === 'string' ? value : ''
  }
  const issuer = text('issuer')
  if (issuer !== url) throw new NotDiscovered(words.otherIssuer(url, issuer))
  const methods = document['token_endpoint_auth_methods_supported']
  return {
    issuer,
    jwksUri: text('jwks_uri'),
    authorizationEndpoint: text('authorization_endpoint'),
    tokenEndpoint: text('token_endpoint'),
    userinfoEndpoint: text('userinfo_endpoint'),
    deviceAuthorizationEndpoint: text('device_authorization_endpoint'),
    // Section 3: what holds when the document is silent.
    tokenAuthMethods: Array.isArray(methods) ? methods.filter(it => typeof it === 'string') : ['client_secret_basic'],
  }
}
