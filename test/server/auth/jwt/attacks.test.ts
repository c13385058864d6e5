import { createHmac, generateKeyPairSync, sign } from 'node:crypto'
import { exportJWK, SignJWT, UnsecuredJWT } from 'jose'
import { assert, asyncProperty, string } from 'fast-check'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { signingKey, startIssuer, type Issuer, type SigningKey } from '../../../stand-in/issuer/issuer.ts'
import { MountedJwt } from './mounted.ts'

let issuer: Issuer
let key: SigningKey
let stranger: SigningKey
beforeAll(async () => {
  stranger = signingKey('RS256', 'stranger')
  issuer = await startIssuer()
  key = issuer.keys[0] as SigningKey
})
afterAll(() => issuer.close())

const bound = { role_type: 'jwt', user_claim: 'user', bound_audiences: 'vault' }
const now = (): number => Math.floor(Date.now() / 1000)
const honest = (): Record<string, unknown> => ({ user: 'ann', aud: 'vault', iat: now(), exp: now() + 600 })
const encoded = (value: unknown): string => Buffer.from(typeof value === 'string' ? value : JSON.stringify(value)).toString('base64url')

type Source = 'static' | 'published' | 'discovered'
async function mounted(source: Source = 'static', role: object = bound, more: object = {}): Promise<MountedJwt> {
  const sources = {
    static: { jwt_validation_pubkeys: key.pem },
    published: { jwks_url: `${issuer.address}/jwks` },
    discovered: { oidc_discovery_url: issuer.address },
  }
  const at = new MountedJwt()
  expect(await at.ask('write', 'config', { ...sources[source], ...more })).toEqual({ status: 204 })
  expect(await at.ask('write', 'role/r', { ...role })).toEqual({ status: 204 })
  return at
}

describe.each(['static', 'published', 'discovered'] as const)('tokens against %s keys', source => {
  const refused = async (token: string): Promise<void> => {
    const at = await mounted(source)
    expect((await at.login(await issuer.sign(honest()))).status).toBe(200)
    const told = await at.login(token)
    expect(told.status).toBe(400)
    expect(told.grant).toBeUndefined()
    expect(JSON.stringify([told, at.logged])).not.toContain(token)
  }
  const tampered = async (header: object): Promise<string> => {
    const [, payload = '', signature = ''] = (await issuer.sign(honest())).split('.')
    return `${encoded(header)}.${payload}.${signature}`
  }

  it.each(['none', 'None', 'NONE', 'nOnE', ''])('are refused unsigned (alg %j)', async alg => {
    await refused(`${encoded({ alg })}.${encoded(honest())}.`)
    await refused(new UnsecuredJWT(honest()).encode())
  })

  it('are refused with a MAC by the public key, in any of its forms', async () => {
    const jwk = JSON.stringify(await exportJWK(key.publicKey))
    const der = key.publicKey.export({ type: 'spki', format: 'der' })
    for (const secret of [key.pem, key.pem.trim(), `${key.pem}\n`, jwk, der]) {
      for (const alg of ['HS256', 'HS384', 'HS512']) {
        const text = `${encoded({ alg, kid: key.kid })}.${encoded(honest())}`
        await refused(`${text}.${createHmac(alg.replace('HS', 'sha'), secret).update(text).digest('base64url')}`)
      }
    }
  })

  it.each(['HS256', 'ES256', 'PS256', 'RS512', 'EdDSA', 'RSA-OAEP', 'dir', 'ES256K'])(
    'are refused when the header says %s of an RS256 signature',
    async alg => {
      await refused(await tampered({ alg, kid: key.kid }))
    },
  )

  it('are refused with a key that they bring along, or point at', async () => {
    const jwk = await exportJWK(stranger.publicKey)
    for (const header of [{ jwk }, { jku: `${issuer.address}/jwks` }, { x5u: issuer.address }, { x5c: ['AAAA'] }]) {
      await refused(await issuer.sign(honest(), stranger, header))
      await refused(await issuer.sign(honest(), stranger, { ...header, kid: key.kid }))
    }
  })

  it.each(['../../../dev/null', "' OR 1=1 --", '/etc/passwd', '\0', '__proto__', 'constructor', 'x'.repeat(100_000), 5, null, {}, ['rsa']])(
    'are refused when a stranger signs them under the key id %j',
    async kid => refused(await issuer.sign(honest(), stranger, { kid })),
  )

  it('are refused with a header that must be understood and is not', async () => {
    const text = `${encoded({ alg: 'RS256', kid: key.kid, crit: ['exp2'], exp2: 1 })}.${encoded(honest())}`
    await refused(`${text}.${sign('sha256', Buffer.from(text), key.privateKey).toString('base64url')}`)
    const plain = `${encoded({ alg: 'RS256', kid: key.kid, b64: false, crit: ['b64'] })}.${encoded(honest())}`
    await refused(`${plain}.${sign('sha256', Buffer.from(plain), key.privateKey).toString('base64url')}`)
  })

  it('are refused when a name stands twice in them', async () => {
    const signed = (header: string, payload: string): string => {
      const text = `${encoded(header)}.${encoded(payload)}`
      return `${text}.${sign('sha256', Buffer.from(text), key.privateKey).toString('base64url')}`
    }
    const rest = JSON.stringify(honest()).slice(1)
    await refused(signed('{"alg":"RS256"}', `{"user":"root",${rest}`))
    await refused(signed('{"alg":"RS256"}', `{"\\u0075ser":"root",${rest}`))
    await refused(signed('{"alg":"RS256","alg":"RS256"}', `{${rest}`))
    await refused(signed('{"alg":"RS256"}', `{"EXP":9999999999,${rest}`))
  })

  it('are refused in a JSON form, whose unsigned header might count', async () => {
    const [head = '', payload = '', signature = ''] = (await issuer.sign(honest())).split('.')
    await refused(JSON.stringify({ protected: head, payload, signature }))
    await refused(JSON.stringify({ payload, signatures: [{ protected: head, signature }] }))
  })

  it('are refused encrypted, nested, cut and changed', async () => {
    const token = await issuer.sign(honest())
    const [head = '', payload = '', signature = ''] = token.split('.')
    await refused(`${head}.${encoded({ ...honest(), user: 'root' })}.${signature}`)
    await refused(`${head}.${payload}.`)
    await refused(`${head}.${payload}.${signature.slice(0, -8)}`)
    await refused(`${token}.${signature}`)
    await refused(await issuer.sign({ ...honest(), exp: now() - 4000, iat: now() - 8000 }))
  })
})

describe('an elliptic curve', () => {
  it('does not take the empty signature, nor one of zeros (CVE-2022-21449)', async () => {
    const ec = signingKey('ES256', 'ec')
    const at = new MountedJwt()
    await at.ask('write', 'config', { jwt_validation_pubkeys: ec.pem })
    await at.ask('write', 'role/r', bound)
    expect((await at.login(await issuer.sign(honest(), ec))).status).toBe(200)
    const text = `${encoded({ alg: 'ES256' })}.${encoded(honest())}`
    for (const signature of [Buffer.alloc(64), Buffer.alloc(0), Buffer.from('3006020100020100', 'hex')]) {
      expect((await at.login(`${text}.${signature.toString('base64url')}`)).status).toBe(400)
    }
  })

  it('is not taken for another', async () => {
    const at = new MountedJwt()
    await at.ask('write', 'config', { jwt_validation_pubkeys: signingKey('ES384', 'ec').pem })
    await at.ask('write', 'role/r', bound)
    const { privateKey } = generateKeyPairSync('ec', { namedCurve: 'P-256' })
    expect((await at.login(await new SignJWT(honest()).setProtectedHeader({ alg: 'ES256' }).sign(privateKey))).status).toBe(400)
  })
})

it('no text at all logs in, and none breaks the server', async () => {
  const at = await mounted()
  await assert(
    asyncProperty(string({ unit: 'binary', maxLength: 60 }), string({ maxLength: 40 }), async (one, two) => {
      for (const token of [
        one,
        `${one}.${two}.x`,
        `${encoded(one)}.${encoded(two)}.${encoded(one)}`,
        `${encoded({ alg: one, kid: two })}..`,
      ]) {
        if (token !== '') expect((await at.login(token)).status).toBe(400)
      }
    }),
    { numRuns: 60 },
  )
})

describe('CVE-2024-5798: audiences', () => {
  const login = async (role: object, aud: unknown): Promise<number> => {
    const at = await mounted('static', { role_type: 'jwt', user_claim: 'user', ...role })
    const { aud: _, ...rest } = honest()
    return (await at.login(await issuer.sign({ ...rest, ...(aud !== undefined && { aud: aud as string }) }))).status
  }
  const withAudience = { bound_audiences: ['vault', 'other'] }
  const without = { bound_claims: { user: 'ann' } }

  it.each([['vault'], [['vault']], [['x', 'other']]])('one of those that a role binds is enough: %j', async aud => {
    expect(await login(withAudience, aud)).toBe(200)
  })
  it.each([['x'], [['x', 'y']], ['vaul'], ['vault2'], ['Vault'], [''], [[]], [undefined], [5], [['vault', 5]], [{}], ['vault,other']])(
    'none of them is refused: %j',
    async aud => {
      expect(await login(withAudience, aud)).toBe(400)
    },
  )
  it.each([['vault'], [['x']], ['']])('any is refused by a role that binds none: %j', async aud => {
    expect(await login(without, aud)).toBe(400)
  })
  it('a token that is for nobody in particular is for a role that binds no audience', async () => {
    expect(await login(without, undefined)).toBe(200)
    expect(await login(without, [])).toBe(200)
  })
})

describe('CVE-2025-11621: what is cached of one issuer', () => {
  it('does not vouch for another, once the configuration has changed', async () => {
    const other = await startIssuer()
    try {
      const at = await mounted('published')
      expect((await at.login(await issuer.sign(honest()))).status).toBe(200)
      expect(await at.ask('write', 'config', { jwks_url: `${other.address}/jwks` })).toEqual({ status: 204 })
      expect((await at.login(await issuer.sign(honest()))).status).toBe(400)
      expect((await at.login(await other.sign(honest()))).status).toBe(200)
    } finally {
      await other.close()
    }
  })
})

describe('published keys', () => {
  const tokens = (count: number): Promise<readonly string[]> =>
    Promise.all(Array.from({ length: count }, (_, i) => issuer.sign(honest(), { ...key, kid: `unknown-${i}` })))

  it('are fetched once, and again for a key that is new', async () => {
    const at = await mounted('published')
    const before = issuer.requests.length
    for (let i = 0; i < 5; i++) expect((await at.login(await issuer.sign(honest()))).status).toBe(200)
    expect(issuer.requests.length - before).toBe(1)
    const fresh = signingKey('ES256', 'fresh')
    issuer.keys.push(fresh)
    expect((await at.login(await issuer.sign(honest(), fresh))).status).toBe(200)
    expect(issuer.requests.length - before).toBe(2)
    issuer.keys.pop()
  })

  it('are not fetched without end for keys that do not exist', async () => {
    const at = await mounted('published')
    const before = issuer.requests.length
    for (const token of await tokens(40)) expect((await at.login(token)).status).toBe(400)
    expect(issuer.requests.length - before).toBeLessThanOrEqual(10)
    expect((await at.login(await issuer.sign(honest()))).status).toBe(200)
    at.clock.advance(61_000)
    const fresh = signingKey('EdDSA', 'later')
    issuer.keys.push(fresh)
    expect((await at.login(await issuer.sign(honest(), fresh))).status).toBe(200)
    issuer.keys.pop()
  })

  it('are asked for once by all who wait for them', async () => {
    const at = await mounted('published')
    const before = issuer.requests.length
    const token = await issuer.sign(honest())
    const told = await Promise.all(Array.from({ length: 8 }, () => at.login(token)))
    expect(told.map(it => it.status)).toEqual(Array.from({ length: 8 }, () => 200))
    expect(issuer.requests.length - before).toBe(1)
  })

  it('of any size but a sane one are refused', async () => {
    const at = new MountedJwt()
    expect((await at.ask('write', 'config', { jwks_url: `${issuer.address}/huge/jwks` })).errors).toEqual(['error checking jwks URL'])
    expect((await at.ask('write', 'config', { oidc_discovery_url: `${issuer.address}/huge` })).errors).toEqual([
      'error checking oidc discovery URL: the answer is too large',
    ])
  })
})

describe('GitHub Actions', () => {
  const deploy = {
    role_type: 'jwt',
    user_claim: 'sub',
    bound_audiences: 'https://vault.example',
    bound_claims: {
      repository: 'acme/payments',
      ref: 'refs/heads/main',
      environment: 'production',
      job_workflow_ref: 'acme/payments/.github/workflows/deploy.yml@refs/heads/main',
    },
    claim_mappings: { repository: 'repository', environment: 'environment' },
    token_policies: ['deploy'],
    token_ttl: '10m',
  }
  const workflow = (change: Readonly<Record<string, unknown>> = {}): Promise<string> =>
    issuer.sign({
      iss: issuer.address,
      aud: 'https://vault.example',
      sub: 'repo:acme/payments:environment:production',
      iat: now(),
      nbf: now(),
      exp: now() + 300,
      repository: 'acme/payments',
      repository_owner: 'acme',
      ref: 'refs/heads/main',
      environment: 'production',
      job_workflow_ref: 'acme/payments/.github/workflows/deploy.yml@refs/heads/main',
      ...change,
    })

  it('deploys from the branch, environment and workflow that the role binds', async () => {
    const at = await mounted('discovered', deploy, { bound_issuer: issuer.address })
    const { grant } = await at.login(await workflow())
    expect(grant).toMatchObject({ policies: ['deploy'], ttl: 600, metadata: { repository: 'acme/payments', environment: 'production' } })
  })

  it.each([
    ['a fork', { repository: 'mallory/payments', sub: 'repo:mallory/payments:environment:production' }],
    ['another branch', { ref: 'refs/heads/feature' }],
    ['a pull request', { ref: 'refs/pull/7/merge' }],
    ['no environment', { environment: undefined }],
    ['another workflow', { job_workflow_ref: 'acme/payments/.github/workflows/test.yml@refs/heads/main' }],
    ['its workflow on another branch', { job_workflow_ref: 'acme/payments/.github/workflows/deploy.yml@refs/heads/feature' }],
    ['a token for somebody else', { aud: 'https://github.com/acme' }],
    ['another issuer', { iss: 'https://token.actions.example' }],
  ])('does not from %s', async (_, change) => {
    const at = await mounted('discovered', deploy, { bound_issuer: issuer.address })
    expect((await at.login(await workflow(change))).status).toBe(400)
  })
})
