/**
 * The keys that tokens must be signed by: given with the configuration, or published by the issuer (RFC 7517). Published keys are
 * kept, and fetched again when a token is signed by none of them, since issuers change their keys; but only so often, or strangers
 * could have the issuer asked without end.
 */
import { createPublicKey, X509Certificate, type JsonWebKey, type KeyObject } from 'node:crypto'
import { goQuote, type Clock } from '../../../kernel/index.ts'
import { isSignedByAny } from '../../jose/index.ts'
import { Malformed, readCompact, repeatedName, type Compact } from './compact.ts'
import { objectOf, OutsideFailure, type Outside } from './outside.ts'

/** RFC 7518, section 3.1, and RFC 8037: what a token may be signed with. Never a shared secret, never nothing. */
export const ALGORITHMS = ['RS256', 'RS384', 'RS512', 'ES256', 'ES384', 'ES512', 'PS256', 'PS384', 'PS512', 'EdDSA'] as const

/** The signature is not known to be right; the message is the peer's. */
export class NotVerified extends Error {}

export interface KeySource {
  /** Rejects with NotVerified or Malformed. */
  verify(token: string, signal: AbortSignal): Promise<Compact>
}

interface PublishedKey {
  readonly kid: string
  readonly key: KeyObject
}

async function isSigned(read: Compact, keys: readonly KeyObject[]): Promise<boolean> {
  // A name that stands twice means one thing to this reader and another to the next.
  if (read.isCritical || repeatedName(read.payload) !== undefined || !(ALGORITHMS as readonly string[]).includes(read.alg)) return false
  return isSignedByAny(read.token, keys, [read.alg])
}

export const staticKeys = (keys: readonly KeyObject[]): KeySource => ({
  async verify(token) {
    const read = readCompact(token)
    if (await isSigned(read, keys)) return read
    throw new NotVerified('no known key successfully validated the token signature')
  },
})

/** What is wrong with a PEM text of a public key, in the peer's words. */
export function publicKeyOf(pem: string): KeyObject {
  const [, label] = /-----BEGIN ([A-Z0-9 ]+)-----/.exec(pem) ?? []
  if (label === undefined) throw new Malformed('data does not contain any valid public keys')
  try {
    if (label === 'CERTIFICATE') return new X509Certificate(pem).publicKey
    // Node would also take a private key, and one of PKCS #1, which the peer does not.
    if (label === 'PUBLIC KEY') return createPublicKey(pem)
  } catch (cause) {
    throw new Malformed('x509: malformed certificate', { cause })
  }
  throw new Malformed('x509: malformed tbs certificate')
}

/** Keys may be fetched this often within this time; beyond it, what is known has to do. */
const FETCHES = 10
const SPAN_MS = 60_000

export class PublishedKeys implements KeySource {
  readonly #outside: Outside
  readonly #clock: Clock
  readonly #url: string
  #keys: readonly PublishedKey[] = []
  #fetching: Promise<readonly PublishedKey[]> | undefined
  #fetches: number[] = []

  constructor(url: string, outside: Outside, clock: Clock) {
    this.#url = url
    this.#outside = outside
    this.#clock = clock
  }

  async verify(token: string, signal: AbortSignal): Promise<Compact> {
    const read = malformedAs('oidc: malformed jwt: ', () => readCompact(token))
    if (!(ALGORITHMS as readonly string[]).includes(read.alg)) {
      const expected = ALGORITHMS.map(goQuote).join(' ')
      throw new Malformed(`oidc: malformed jwt: unexpected signature algorithm ${goQuote(read.alg)}; expected [${expected}]`)
    }
    const fitting = (keys: readonly PublishedKey[]): readonly KeyObject[] =>
      keys.filter(it => read.kid === '' || it.kid === read.kid).map(it => it.key)
    if (await isSigned(read, fitting(this.#keys))) return read
    const known = this.#keys
    const keys = await this.#fresh(signal)
    if (keys !== known && (await isSigned(read, fitting(keys)))) return read
    throw new NotVerified('failed to verify id token signature')
  }

  /** All who ask at once wait for one answer. Rejects with NotVerified. */
  async #fresh(signal: AbortSignal): Promise<readonly PublishedKey[]> {
    const now = this.#clock.now().getTime()
    if (this.#fetching === undefined) {
      this.#fetches = this.#fetches.filter(at => at > now - SPAN_MS)
      if (this.#fetches.length >= FETCHES) return this.#keys
      this.#fetches.push(now)
      // Not by the signal of whoever happened to be the first.
      this.#fetching = fetchKeys(this.#url, this.#outside).finally(() => (this.#fetching = undefined))
    }
    this.#keys = await this.#fetching
    signal.throwIfAborted()
    return this.#keys
  }
}

function malformedAs<T>(before: string, work: () => T): T {
  try {
    return work()
  } catch (cause) {
    if (cause instanceof Malformed) throw new Malformed(before + cause.message, { cause })
    throw cause
  }
}

async function fetchKeys(url: string, outside: Outside): Promise<readonly PublishedKey[]> {
  const before = 'fetching keys oidc: '
  try {
    const { status, statusLine, body } = await outside.ask({ url }, new AbortController().signal)
    if (status !== 200) throw new NotVerified(`${before}get keys failed: ${statusLine}`)
    const set = objectOf(body)
    const keys = set?.['keys'] ?? (set === undefined ? undefined : [])
    if (!Array.isArray(keys)) throw new NotVerified(`${before}failed to decode keys: the answer is no set of keys`)
    return keys.flatMap(publishedKey)
  } catch (cause) {
    if (cause instanceof OutsideFailure) throw new NotVerified(`${before}get keys failed ${cause.message}`, { cause })
    throw cause
  }
}

/** Keys that are secret, of other kinds or unreadable are no keys to verify by. */
function publishedKey(jwk: unknown): readonly PublishedKey[] {
  if (typeof jwk !== 'object' || jwk === null) return []
  const { kty, kid, d } = jwk as Readonly<Record<string, unknown>>
  if (kty === 'oct' || d !== undefined) return []
  try {
    return [{ kid: typeof kid === 'string' ? kid : '', key: createPublicKey({ key: jwk as JsonWebKey, format: 'jwk' }) }]
  } catch {
    return []
  }
}
