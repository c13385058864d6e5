import { sign } from 'node:crypto'
import { SignJWT, type JWTPayload } from 'jose'
import { signingKey, startIssuer, type SigningKey } from '../stand-in/issuer/issuer.ts'
import type { Surroundings } from './harness/scenario.ts'

const ISSUER = 'https://issuer.example'
const now = (): number => Math.floor(Date.now() / 1000)

/** What differs from an honest token, in one thing each. */
const TOKENS: Readonly<Record<string, () => JWTPayload>> = {
  honest: () => ({}),
  // The registered times (RFC 7519, section 4.1.4 and on), which the peer allows 150 and 60 seconds for.
  withoutTimes: () => ({ exp: undefined, iat: undefined, nbf: undefined }) as never,
  onlyExpiry: () => ({ iat: undefined, nbf: undefined }) as never,
  onlyIssued: () => ({ exp: undefined, nbf: undefined }) as never,
  onlyIssuedLongAgo: () => ({ exp: undefined, nbf: undefined, iat: now() - 9000 }) as never,
  onlyNotBefore: () => ({ exp: undefined, iat: undefined, nbf: now() - 10 }) as never,
  notBeforeLongAgo: () => ({ exp: undefined, iat: undefined, nbf: now() - 9000 }) as never,
  expired: () => ({ exp: now() - 4000, iat: now() - 8000 }),
  justExpired: () => ({ exp: now() - 30 }),
  expiredBeyondLeeway: () => ({ exp: now() - 100, iat: now() - 200 }),
  expiredBeyondBoth: () => ({ exp: now() - 400, iat: now() - 500 }),
  notYet: () => ({ nbf: now() + 4000 }),
  almost: () => ({ nbf: now() + 30 }),
  soon: () => ({ nbf: now() + 100 }),
  later: () => ({ nbf: now() + 180 }),
  fromTheFuture: () => ({ iat: now() + 4000 }),
  fromTheNearFuture: () => ({ iat: now() + 30 }),
  fromTheNextMinutes: () => ({ iat: now() + 100 }),
  zeroTimes: () => ({ exp: 0, iat: 0, nbf: 0 }),
  zeroExpiry: () => ({ exp: 0 }),
  fraction: () => ({ exp: now() + 300.5 }),
  expiryText: () => ({ exp: String(now() + 300) }) as never,
  notBeforeText: () => ({ nbf: 'x' }) as never,
  issuedText: () => ({ iat: 'x' }) as never,
  nullTimes: () => ({ exp: null, iat: null, nbf: null }) as never,
  // Issuer, subject, audience.
  otherIssuer: () => ({ iss: 'https://other.example' }),
  issuerNumber: () => ({ iss: 5 }) as never,
  withoutIssuer: () => ({ iss: undefined }) as never,
  otherSubject: () => ({ sub: 'other' }),
  subjectNumber: () => ({ sub: 5 }) as never,
  withoutSubject: () => ({ sub: undefined }) as never,
  audienceText: () => ({ aud: 'vault' }),
  audienceList: () => ({ aud: ['other', 'vault'] }),
  audienceOther: () => ({ aud: 'other' }),
  audienceEmpty: () => ({ aud: [] }),
  audienceEmptyText: () => ({ aud: '' }),
  audienceNumber: () => ({ aud: 5 }) as never,
  audienceMixed: () => ({ aud: ['vault', 5] }) as never,
  audienceObject: () => ({ aud: {} }) as never,
  audienceNull: () => ({ aud: null }) as never,
  withoutAudience: () => ({ aud: undefined }) as never,
  identifierNumber: () => ({ jti: 5 }) as never,
  // What the role binds and maps.
  userNumber: () => ({ user: 5 }),
  userEmpty: () => ({ user: '' }),
  userNull: () => ({ user: null }),
  userObject: () => ({ user: { name: 'x' } }),
  groupsText: () => ({ groups: 'ops' }),
  groupsNumber: () => ({ groups: 5 }),
  groupsMixed: () => ({ groups: ['ops', 5] }),
  groupsFraction: () => ({ groups: ['ops', 1.5, true, null, { a: 1 }] }),
  groupsEmpty: () => ({ groups: [] }),
  groupsWithEmpty: () => ({ groups: ['', 'ops'] }),
  groupsObject: () => ({ groups: { a: 1 } }),
  withoutGroups: () => ({ groups: undefined }),
  environmentNumber: () => ({ environment: 7 }),
  environmentBool: () => ({ environment: true }),
  environmentList: () => ({ environment: ['staging', 'production'] }),
  environmentObject: () => ({ environment: { a: 'b' } }),
  environmentNull: () => ({ environment: null }),
  environmentFraction: () => ({ environment: 7.9 }),
  withoutEnvironment: () => ({ environment: undefined }),
  repositoryNumber: () => ({ repository: 5 }),
  withoutRepository: () => ({ repository: undefined }),
  // GitHub Actions: a fork, another branch, another workflow.
  fork: () => ({ repository: 'mallory/payments', sub: 'repo:mallory/payments:ref:refs/heads/main' }),
  branch: () => ({ ref: 'refs/heads/feature' }),
  workflow: () => ({ job_workflow_ref: 'acme/payments/.github/workflows/other.yml@refs/heads/main' }),
}

const honestClaims = (): JWTPayload => ({
  iss: ISSUER,
  sub: 'repo:acme/payments:ref:refs/heads/main',
  aud: ['https://vault.example', 'vault'],
  iat: now(),
  nbf: now(),
  exp: now() + 600,
  jti: 'a',
  user: 'ann',
  groups: ['ops', 'dev'],
  environment: 'production',
  repository: 'acme/payments',
  ref: 'refs/heads/main',
  job_workflow_ref: 'acme/payments/.github/workflows/deploy.yml@refs/heads/main',
  run: 42,
  nested: { user: 'deep', list: ['a', 'b'], 'a/b': 'slash', 'm~n': 'tilde', number: 5, '': 'empty' },
  verified: true,
})

const encoded = (value: unknown): string => Buffer.from(typeof value === 'string' ? value : JSON.stringify(value)).toString('base64url')

/** Forms that no signer makes: for what the header says, not for what is claimed. */
function forged(honest: string, key: SigningKey): Readonly<Record<string, string>> {
  const [header = '', payload = '', signature = ''] = honest.split('.')
  return {
    unsigned: `${encoded({ alg: 'none' })}.${payload}.`,
    unsignedCapital: `${encoded({ alg: 'None' })}.${payload}.`,
    unsignedKeeping: `${encoded({ alg: 'none' })}.${payload}.${signature}`,
    withoutAlgorithm: `${encoded({ typ: 'JWT' })}.${payload}.${signature}`,
    algorithmNumber: `${encoded({ alg: 5 })}.${payload}.${signature}`,
    cut: honest.slice(0, -20),
    twoParts: `${header}.${payload}`,
    fourParts: `${honest}.x`,
    headerNoJson: `${encoded('x')}.${payload}.${signature}`,
    payloadNoJson: `${header}.${encoded('x')}.${signature}`,
    payloadList: `${header}.${encoded([])}.${signature}`,
    notBase64: `${header}.${payload}.***`,
    padded: `${honest}==`,
    spaced: ` ${honest}\n`,
    split: `${header}.${payload}\n.${signature}`,
    otherPayload: `${header}.${encoded({ iss: ISSUER, exp: now() + 300, user: 'root' })}.${signature}`,
    emptySignature: `${header}.${payload}.`,
    critical: `${encoded({ alg: 'RS256', kid: key.kid, crit: ['x'], x: 1 })}.${payload}.${signature}`,
    embeddedKey: `${encoded({ alg: 'RS256', jwk: { kty: 'oct', k: 'AAAA' } })}.${payload}.${signature}`,
    encrypted: `${encoded({ alg: 'RSA-OAEP', enc: 'A256GCM' })}.a.b.c.d`,
  }
}

/** Signed as they stand, so that a name may stand in them twice. */
function verbatim(key: SigningKey): Readonly<Record<string, string>> {
  const signed = (header: string, payload: string): string => {
    const text = `${encoded(header)}.${encoded(payload)}`
    return `${text}.${sign('sha256', Buffer.from(text), key.privateKey).toString('base64url')}`
  }
  const header = '{"alg":"RS256","kid":"rsa"}'
  const claims = `"aud":"vault","iat":${now()},"exp":${now() + 600}`
  return {
    verbatim: signed(header, `{${claims},"user":"ann"}`),
    duplicateClaim: signed(header, `{${claims},"user":"ann","exp":${now() - 9000}}`),
    duplicateOwnClaim: signed(header, `{${claims},"user":"ann","user":"root"}`),
    duplicateHeader: signed('{"alg":"RS256","kid":"rsa","alg":"none"}', `{${claims},"user":"ann"}`),
    upperCaseExpiry: signed(header, `{${claims},"user":"ann","EXP":1}`),
  }
}

/** An issuer, and tokens that it signs, would not sign, or did not sign. */
export async function tokenIssuer(): Promise<Surroundings> {
  const [plain, secured] = await Promise.all([startIssuer(), startIssuer({ tls: true })])
  const [key] = plain.keys as [SigningKey]
  const others = ['RS512', 'PS256', 'ES256', 'ES384', 'ES512', 'EdDSA'].map(alg => signingKey(alg, alg.toLowerCase()))
  plain.keys.push(...others)
  const stranger = signingKey('RS256', 'stranger')
  const variables: Record<string, string> = {
    issuer: plain.address,
    securedIssuer: secured.address,
    ca: secured.ca,
    key: key.pem,
    strangerKey: stranger.pem,
    pkcs1: String(key.publicKey.export({ type: 'pkcs1', format: 'pem' })),
    privateKey: String(key.privateKey.export({ type: 'pkcs8', format: 'pem' })),
    ecKey: others[2]?.pem ?? '',
  }
  for (const [name, change] of Object.entries(TOKENS)) variables[name] = await plain.sign({ ...honestClaims(), ...change() }, key)
  const honest = variables['honest'] ?? ''
  for (const other of others) variables[`signed${other.alg}`] = await plain.sign(honestClaims(), other)
  variables['signedByStranger'] = await plain.sign(honestClaims(), stranger, { kid: 'rsa' })
  variables['unknownKid'] = await plain.sign(honestClaims(), stranger)
  variables['withoutKid'] = await plain.sign(honestClaims(), key, { kid: undefined })
  variables['wrongKid'] = await plain.sign(honestClaims(), key, { kid: 'es256' })
  variables['missingKid'] = await plain.sign(honestClaims(), key, { kid: 'nope' })
  variables['numberKid'] = await plain.sign(honestClaims(), key, { kid: 5 })
  variables['securedToken'] = await secured.sign({ ...honestClaims(), iss: secured.address })
  variables['discovered'] = await plain.sign({ ...honestClaims(), iss: plain.address }, key)
  Object.assign(variables, forged(honest, key), verbatim(key))
  // The public key as the secret of an HMAC: what a verifier must never take it for.
  variables['confused'] = await new SignJWT(honestClaims()).setProtectedHeader({ alg: 'HS256', kid: 'rsa' }).sign(Buffer.from(key.pem))
  return { variables, stop: async () => void (await Promise.all([plain.close(), secured.close()])) }
}
