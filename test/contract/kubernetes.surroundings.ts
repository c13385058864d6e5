import { generateKeyPairSync } from 'node:crypto'
import { SignJWT } from 'jose'
import { startKubernetesApi } from '../stand-in/kubernetes/api.ts'
import type { TokenWish } from '../stand-in/kubernetes/tokens.ts'
import type { Surroundings } from './harness/scenario.ts'

const now = (): number => Math.floor(Date.now() / 1000)
const later = 4000
/** Claims of a wrong form, which no cluster would sign. */
const odd = (claims: Readonly<Record<string, unknown>>): TokenWish => ({ claims })

/** Tokens of `production/payments-api` that differ from an honest one in one thing each. */
const WISHES: Readonly<Record<string, TokenWish>> = {
  pod: {},
  podForVault: { audiences: ['vault', 'other'] },
  podForTwo: { audiences: ['a', 'https://kubernetes.default.svc.cluster.local'] },
  podForNobody: { audiences: [] },
  podOfOld: { secret: 'payments-api-token-x7k2p' },
  podExpired: { expiresIn: -later },
  podJustExpired: { expiresIn: -30 },
  podExpiredBeyondSkew: { expiresIn: -100 },
  podWithoutEnd: odd({ exp: undefined }),
  podWithoutTimes: odd({ exp: undefined, iat: undefined, nbf: undefined }),
  podNotYet: { claims: { nbf: now() + later } },
  podAlmost: { claims: { nbf: now() + 30, iat: now() + 30 } },
  podFromTheFuture: { claims: { iat: now() + later } },
  podOfAllTimes: { claims: { nbf: now() + later, iat: now() + later, exp: now() - later } },
  podOfOtherIssuer: { claims: { iss: 'https://elsewhere.example' } },
  podWithAudienceText: { claims: { aud: 'https://kubernetes.default.svc.cluster.local' } },
  podWithAudienceNumber: odd({ aud: 5 }),
  podWithAudienceMixed: odd({ aud: ['a', 5] }),
  podWithExpText: odd({ exp: 'x' }),
  podWithNbfText: odd({ nbf: 'x' }),
  podWithIssuerNumber: odd({ iss: 5 }),
  podWithSubjectList: odd({ sub: ['a'] }),
  podWithTwoFlaws: odd({ iss: 5, exp: 'x' }),
  podWithClaimsText: odd({ 'kubernetes.io': 'x' }),
  podWithClaimsList: odd({ 'kubernetes.io': [1] }),
  podWithFlatNumber: odd({ 'kubernetes.io/serviceaccount/namespace': 5, 'kubernetes.io/serviceaccount/secret.name': true }),
  podWithAccountText: odd({ 'kubernetes.io': { namespace: 'production', serviceaccount: 'x', pod: 5 } }),
  podWithNameNumber: odd({ 'kubernetes.io': { namespace: 5, serviceaccount: { name: {}, uid: ['x'] }, pod: { name: 5 } } }),
  podWithoutUid: odd({ 'kubernetes.io': { namespace: 'production', serviceaccount: { name: 'payments-api' } } }),
  podWithoutNamespace: odd({ 'kubernetes.io': { serviceaccount: { name: 'payments-api', uid: 'x' } } }),
  podOfOtherUid: odd({ 'kubernetes.io': { namespace: 'production', serviceaccount: { name: 'payments-api', uid: 'x' } } }),
  podWithoutClaims: odd({ 'kubernetes.io': undefined }),
}

/** A cluster with some service accounts, and the tokens of their pods. */
export async function kubernetesCluster(): Promise<Surroundings> {
  const api = await startKubernetesApi()
  const variables: Record<string, string> = {
    host: api.address,
    otherHost: `https://localhost:${api.port}`,
    hostWithSlash: `${api.address}/`,
    ca: api.ca,
    reviewer: api.reviewerToken,
    signer: api.publicKey,
    otherSigner: api.otherPublicKey,
  }
  for (const [name, wish] of Object.entries(WISHES)) variables[name] = await api.token('production', 'payments-api', wish)
  variables['forged'] = await api.forgedToken('production', 'payments-api')
  variables['worker'] = await api.token('production', 'payments-worker')
  variables['staging'] = await api.token('staging', 'payments-api')
  variables['spaced'] = `${variables['pod'] ?? ''}\n`
  variables['cut'] = (variables['pod'] ?? '').slice(0, -20)
  // A namespace that nobody made, so that it is not found.
  const lost = await api.token('nowhere', 'payments-api')
  api.namespaces.delete('nowhere')
  variables['lost'] = lost
  const gone = await api.token('production', 'gone')
  api.accounts.delete('production/gone')
  variables['gone'] = gone
  api.namespaces.set('production', { env: 'production', 'kubernetes.io/metadata.name': 'production', tier: '1' })
  api.namespaces.set('staging', { env: 'staging' })
  Object.assign(variables, await signedOtherwise())
  return { variables, stop: () => api.close() }
}

/** The same claims under other algorithms: those that a cluster may use, and those that it must not. */
async function signedOtherwise(): Promise<Readonly<Record<string, string>>> {
  const claims = { iss: 'x', 'kubernetes.io': { namespace: 'production', serviceaccount: { name: 'payments-api', uid: 'x' } } }
  const signed = (alg: string, key: Parameters<SignJWT['sign']>[0]): Promise<string> =>
    new SignJWT(claims).setProtectedHeader({ alg }).sign(key)
  const elliptic = generateKeyPairSync('ec', { namedCurve: 'P-256' })
  const rsa = generateKeyPairSync('rsa', { modulusLength: 2048 })
  const unsigned = [{ alg: 'none' }, claims].map(it => Buffer.from(JSON.stringify(it)).toString('base64url')).join('.')
  return {
    ecSigner: String(elliptic.publicKey.export({ type: 'spki', format: 'pem' })),
    keyOfOldForm: String(rsa.publicKey.export({ type: 'pkcs1', format: 'pem' })),
    privateKey: String(elliptic.privateKey.export({ type: 'pkcs8', format: 'pem' })),
    signedEs: await signed('ES256', elliptic.privateKey),
    signedRs: await signed('RS512', rsa.privateKey),
    signedPs: await signed('PS256', rsa.privateKey),
    signedEd: await signed('EdDSA', generateKeyPairSync('ed25519').privateKey),
    signedHs: await signed('HS256', Buffer.alloc(32)),
    unsigned: `${unsigned}.`,
  }
}
