/**
 * An issuer of JSON Web Tokens on loopback: discovery document, keys, and the ways in which both can be wrong. Each wrong way is a
 * path of its own below the address, so that one server shows them all.
 */
import { generateKeyPairSync, randomBytes, randomUUID, type KeyObject } from 'node:crypto'
import { createServer as createPlain, type IncomingMessage, type Server, type ServerResponse } from 'node:http'
import { createServer as createTls } from 'node:https'
import type { AddressInfo } from 'node:net'
import { exportJWK, SignJWT, type JWTPayload } from 'jose'
import { systemClock } from '../../../src/kernel/index.ts'
import { developmentCertificates } from '../../../src/server/x509/index.ts'

/** A key that the issuer signs with, or that nobody publishes. */
export interface SigningKey {
  readonly alg: string
  readonly kid: string
  readonly privateKey: KeyObject
  readonly publicKey: KeyObject
  readonly pem: string
}

export interface Issuer {
  readonly address: string
  /** The CA of the address when it is one of HTTPS; empty otherwise. */
  readonly ca: string
  /** Published at `/jwks`, newest last. */
  readonly keys: SigningKey[]
  /** Paths that were asked for, oldest first. */
  readonly requests: string[]
  sign(claims: JWTPayload, key?: SigningKey, header?: Readonly<Record<string, unknown>>): Promise<string>
  close(): Promise<void>
}

export function signingKey(alg: string, kid: string): SigningKey {
  const { privateKey, publicKey } = pairFor(alg)
  return { alg, kid, privateKey, publicKey, pem: String(publicKey.export({ type: 'spki', format: 'pem' })) }
}

function pairFor(alg: string): { readonly privateKey: KeyObject; readonly publicKey: KeyObject } {
  if (alg === 'EdDSA') return generateKeyPairSync('ed25519')
  if (alg.startsWith('ES')) {
    const namedCurve = { ES256: 'P-256', ES384: 'P-384', ES512: 'P-521' }[alg] ?? alg
    return generateKeyPairSync('ec', { namedCurve })
  }
  return generateKeyPairSync('rsa', { modulusLength: 2048 })
}

export async function startIssuer({ tls = false }: { readonly tls?: boolean } = {}): Promise<Issuer> {
  const own = signingKey('RS256', 'rsa')
  const keys = [own]
  const requests: string[] = []
  const handle = (request: IncomingMessage, response: ServerResponse): void => {
    requests.push(request.url ?? '')
    void answer(new URL(request.url ?? '/', address()).pathname, address(), keys, response)
  }
  const random = { bytes: (count: number) => randomBytes(count), uuid: () => randomUUID() }
  const chain = tls ? await developmentCertificates(['127.0.0.1', 'localhost'], { clock: systemClock, random }) : undefined
  const server: Server = chain ? createTls({ cert: chain.cert, key: chain.key }, handle) : createPlain(handle)
  await new Promise<void>(done => server.listen(0, '127.0.0.1', done))
  const { port } = server.address() as AddressInfo
  const address = (): string => `${tls ? 'https' : 'http'}://127.0.0.1:${port}`
  return {
    address: address(),
    ca: chain?.ca ?? '',
    keys,
    requests,
    sign: (claims, key = own, header = {}) =>
      new SignJWT(claims).setProtectedHeader({ alg: key.alg, kid: key.kid, ...header }).sign(key.privateKey),
    close: () =>
      new Promise(done => {
        server.close(() => done())
        server.closeAllConnections()
      }),
  }
}

const published = (keys: readonly SigningKey[]): Promise<readonly object[]> =>
  Promise.all(keys.map(async ({ alg, kid, publicKey }) => ({ ...(await exportJWK(publicKey)), kid, alg, use: 'sig' })))

async function answer(path: string, address: string, keys: readonly SigningKey[], response: ServerResponse): Promise<void> {
  const json = (status: number, body: unknown): void => {
    response.writeHead(status, { 'content-type': 'application/json' })
    response.end(typeof body === 'string' ? body : JSON.stringify(body))
  }
  const [base, document] = split(path)
  const issuer = base === '/other' ? `${address}/another` : address + base
  const metadata = {
    issuer,
    authorization_endpoint: `${address}/authorize`,
    token_endpoint: `${address}/token`,
    ...(base !== '/keyless' && { jwks_uri: base === '/lost' ? `${address}/nowhere` : `${address}${base === '/tls' ? '' : base}/jwks` }),
    id_token_signing_alg_values_supported: ['RS256', 'ES256'],
    response_types_supported: ['code'],
    subject_types_supported: ['public'],
  }
  if (base === '/broken') return json(500, { error: 'broken' })
  if (base === '/garbage') return json(200, 'no JSON')
  if (base === '/huge') return json(200, JSON.stringify({ ...metadata, keys: [], padding: 'x'.repeat(2 * 1024 * 1024) }))
  if (base === '/moved') {
    response.writeHead(302, { location: `${address}/${document === 'jwks' ? 'jwks' : '.well-known/openid-configuration'}` })
    return void response.end()
  }
  if (document === 'discovery') return json(200, metadata)
  if (document === 'jwks' && base === '/empty') return json(200, { keys: [] })
  if (document === 'jwks') return json(200, { keys: await published(keys) })
  json(404, { error: 'not found' })
}

function split(path: string): readonly [base: string, document: 'discovery' | 'jwks' | undefined] {
  const discovery = '/.well-known/openid-configuration'
  if (path.endsWith(discovery)) return [path.slice(0, -discovery.length), 'discovery']
  if (path.endsWith('/jwks')) return [path.slice(0, -'/jwks'.length), 'jwks']
  return [path, undefined]
}
