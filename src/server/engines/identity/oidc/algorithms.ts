/** The signature algorithms of identity tokens (RFC 7518, section 3.1; RFC 8037), over node:crypto. */
import { createPrivateKey, createPublicKey, generateKeyPair, sign, verify, type KeyObject } from 'node:crypto'
import { promisify } from 'node:util'

interface Algorithm {
  readonly hash: 'sha256' | 'sha384' | 'sha512' | null
  readonly make: () => Promise<KeyObject>
}
const generate = promisify(generateKeyPair)
const rsa = async (): Promise<KeyObject> => (await generate('rsa', { modulusLength: 2048 })).privateKey
const ec = (namedCurve: string) => async (): Promise<KeyObject> => (await generate('ec', { namedCurve })).privateKey

const algorithms: ReadonlyMap<string, Algorithm> = new Map([
  ['RS256', { hash: 'sha256', make: rsa }],
  ['RS384', { hash: 'sha384', make: rsa }],
  ['RS512', { hash: 'sha512', make: rsa }],
  ['ES256', { hash: 'sha256', make: ec('P-256') }],
  ['ES384', { hash: 'sha384', make: ec('P-384') }],
  ['ES512', { hash: 'sha512', make: ec('P-521') }],
  ['EdDSA', { hash: null, make: async () => (await generate('ed25519')).privateKey }],
])

export const algorithmNames: readonly string[] = [...algorithms.keys()]
export const isAlgorithm = (name: string): boolean => algorithms.has(name)

function known(name: string): Algorithm {
  const algorithm = algorithms.get(name)
  if (algorithm === undefined) throw new Error(`no signature algorithm "${name}"`)
  return algorithm
}

/** PKCS #8, PEM. Made in the thread pool: RSA takes its time. */
export async function makePrivateKey(algorithm: string): Promise<string> {
  return (await known(algorithm).make()).export({ type: 'pkcs8', format: 'pem' }).toString()
}

export interface Jwk {
  readonly use: 'sig'
  readonly kid: string
  readonly alg: string
  readonly [member: string]: string
}
export function publicJwk(privateKey: string, kid: string, alg: string): Jwk {
  const {
    key_ops: _,
    ext: __,
    ...members
  } = createPublicKey(createPrivateKey(privateKey)).export({ format: 'jwk' }) as Record<string, string>
  return { use: 'sig', kid, alg, ...members }
}

const encoded = (value: unknown): string => Buffer.from(JSON.stringify(value)).toString('base64url')

/** A JWS in compact form (RFC 7515, section 7.1). */
export function signToken(
  claims: Readonly<Record<string, unknown>>,
  key: { readonly kid: string; readonly privateKey: string },
  alg: string,
): string {
  const input = `${encoded({ alg, kid: key.kid })}.${encoded(claims)}`
  const signature = sign(known(alg).hash, Buffer.from(input), { key: createPrivateKey(key.privateKey), dsaEncoding: 'ieee-p1363' })
  return `${input}.${signature.toString('base64url')}`
}

/** Whether this key made it, by the algorithm that the key is for: what the token says of its algorithm must be the same. */
export function isSignedBy(token: string, jwk: Jwk): boolean {
  const [header = '', payload = '', signature = ''] = token.split('.')
  const said = partOf(header)
  if (said?.['alg'] !== jwk.alg || said['kid'] !== jwk.kid) return false
  const key = createPublicKey({ key: jwk, format: 'jwk' })
  return verify(
    known(jwk.alg).hash,
    Buffer.from(`${header}.${payload}`),
    { key, dsaEncoding: 'ieee-p1363' },
    Buffer.from(signature, 'base64url'),
  )
}

/** The object in one of the first two parts of a token; undefined when there is none. */
export function partOf(text: string): Readonly<Record<string, unknown>> | undefined {
  try {
    const value: unknown = JSON.parse(Buffer.from(text, 'base64url').toString())
    return typeof value === 'object' && value !== null && !Array.isArray(value) ? (value as Record<string, unknown>) : undefined
  } catch {
    return undefined
  }
}
