import * as fc from 'fast-check'
import { createLocalJWKSet, jwtVerify, type JSONWebKeySet } from 'jose'
import { describe, expect, it } from 'vitest'
import { fill, type Holder } from '../../../../src/server/engines/identity/oidc/claims-template.ts'
import { authOf, dataOf, running, type Running } from '../../core/running.ts'

async function withCaller(): Promise<{ at: Running; token: string; entityId: string }> {
  const at = await running()
  await at.ask('write', 'identity/oidc/config', { issuer: 'https://id.example' })
  await at.ask('write', 'sys/policies/acl/oidc', { policy: 'path "identity/oidc/token/*" { capabilities = ["read"] }' })
  await at.ask('write', 'auth/token/roles/r', { allowed_entity_aliases: 'ann', allowed_policies: 'oidc' })
  const made = authOf(await at.ask('write', 'auth/token/create/r', { entity_alias: 'ann' })) as ReturnType<typeof authOf> & {
    entity_id: string
  }
  return { at, token: made.client_token, entityId: made.entity_id }
}
const published = async (at: Running): Promise<JSONWebKeySet> =>
  (await at.ask('read', 'identity/oidc/.well-known/keys', {}, { token: '' })).body as unknown as JSONWebKeySet
const tokenOf = async (at: Running, token: string): Promise<string> =>
  dataOf(await at.ask('read', 'identity/oidc/token/r', {}, { token }))['token'] as string

describe('an identity token', () => {
  it.each(['RS256', 'RS384', 'RS512', 'ES256', 'ES384', 'ES512', 'EdDSA'])(
    'signed by %s is what a JOSE library verifies by the published keys',
    async algorithm => {
      const { at, token, entityId } = await withCaller()
      await at.ask('write', 'identity/oidc/key/k', { algorithm, allowed_client_ids: '*' })
      await at.ask('write', 'identity/oidc/role/r', { key: 'k', client_id: 'app', ttl: '1h', template: '{"who":{{identity.entity.name}}}' })
      await at.ask('write', `identity/entity/id/${entityId}`, { name: 'Ann "A" \\ }} x' })
      const jwt = await tokenOf(at, token)
      const verified = await jwtVerify(jwt, createLocalJWKSet(await published(at)), {
        issuer: 'https://id.example/v1/identity/oidc',
        audience: 'app',
        subject: entityId,
        algorithms: [algorithm],
        currentDate: at.clock.now(),
      })
      expect(verified.payload['who']).toBe('Ann "A" \\ }} x')
    },
  )

  it('is signed by a key that was published before, and verifies until its time has passed', async () => {
    const { at, token } = await withCaller()
    await at.ask('write', 'identity/oidc/key/k', {
      algorithm: 'ES256',
      rotation_period: '1h',
      verification_ttl: '2h',
      allowed_client_ids: '*',
    })
    await at.ask('write', 'identity/oidc/role/r', { key: 'k', client_id: 'app', ttl: '2h' })
    const first = await tokenOf(at, token)
    const before = await published(at)
    await at.pass(3660)
    const now = { currentDate: at.clock.now() }
    await jwtVerify(await tokenOf(at, token), createLocalJWKSet(before), now)
    await jwtVerify(first, createLocalJWKSet(await published(at)), now)
    await at.pass(3600 * 3)
    await expect(
      jwtVerify(first, createLocalJWKSet(await published(at)), { currentDate: new Date('2026-01-01T00:00:01Z') }),
    ).rejects.toThrow(/no applicable key/)
    const asked = await at.ask('write', 'identity/oidc/introspect', { token: first })
    expect(asked.body).toMatchObject({ active: false })
  })

  it('does not verify with another algorithm in its header, or with none', async () => {
    const { at, token } = await withCaller()
    await at.ask('write', 'identity/oidc/key/k', { algorithm: 'RS256', allowed_client_ids: '*' })
    await at.ask('write', 'identity/oidc/role/r', { key: 'k', client_id: 'app', ttl: '1h' })
    const [header = '', payload = '', signature = ''] = (await tokenOf(at, token)).split('.')
    const active = async (jwt: string): Promise<unknown> =>
      (await at.ask('write', 'identity/oidc/introspect', { token: jwt })).body?.['active']
    expect(await active(`${header}.${payload}.${signature}`)).toBe(true)
    const kid = (JSON.parse(Buffer.from(header, 'base64url').toString()) as { kid: string }).kid
    for (const alg of ['none', 'HS256', 'RS384', 'ES256']) {
      const other = Buffer.from(JSON.stringify({ alg, kid })).toString('base64url')
      expect(await active(`${other}.${payload}.${signature}`)).toBe(false)
      expect(await active(`${other}.${payload}.`)).toBe(false)
    }
  })
})

describe('a template of claims', () => {
  it('puts in values that stay values, whatever is in them', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'binary' }), fc.dictionary(fc.string(), fc.string()), (name, metadata) => {
        const entity = { id: 'i', name, metadata, policies: [], disabled: false, created: 0, updated: 0, aliases: [], mergedIds: [] }
        const holder: Holder = { entity, groups: [] }
        const filled = fill('{"n":{{identity.entity.name}},"m":{{identity.entity.metadata}} }', holder, 0)
        expect(filled).toEqual({ claims: JSON.parse(JSON.stringify({ n: name, m: metadata })) as unknown })
      }),
    )
  })
})
