/** Advisories about identity in servers of this kind, each as what must not happen here. */
import * as fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { authOf, running, type Running } from '../running.ts'

async function withUser(policy: string): Promise<{ at: Running; token: string; entityId: string }> {
  const at = await running()
  await at.ask('write', 'sys/auth/people', { type: 'userpass' })
  await at.ask('write', 'sys/mounts/secret', { type: 'kv' })
  await at.ask('write', 'sys/policies/acl/own', { policy })
  await at.ask('write', 'auth/people/users/ann', { password: 'green tea', token_policies: 'own' })
  const { token, entityId } = await logIn(at, 'ann')
  return { at, token, entityId }
}

async function logIn(at: Running, name: string): Promise<{ token: string; entityId: string }> {
  const answer = await at.ask('write', `auth/people/login/${name}`, { password: 'green tea' }, { token: '' })
  const auth = answer.body?.['auth'] as { client_token: string; entity_id: string }
  return { token: auth.client_token, entityId: auth.entity_id }
}

describe('CVE-2026-5006 (GHSA-59w7-v8rr-pr4p): identity values with separators in templated policies', () => {
  it('never widen what a rule matches', async () => {
    const { at, token, entityId } = await withUser(
      'path "secret/{{identity.entity.metadata.team}}/own" { capabilities = ["create", "update", "read"] }',
    )
    const value = fc.string({ unit: fc.constantFrom('a', '/', '*', '+', '.', '{', '}', ' '), minLength: 1, maxLength: 6 })
    await fc.assert(
      fc.asyncProperty(value, async team => {
        await at.ask('write', `identity/entity/id/${entityId}`, { metadata: { team } })
        const allowed = async (path: string): Promise<boolean> => {
          const answer = await at.ask('write', 'sys/capabilities', { token, path })
          const found = answer.body?.['data'] as { capabilities?: readonly string[] } | undefined
          return found?.capabilities?.includes('read') ?? false
        }
        for (const other of ['b', 'a/b', 'ab', 'x/y/z']) {
          if (other !== team) expect(await allowed(`secret/${other}/own`)).toBe(false)
        }
        expect(await allowed('secret/other')).toBe(false)
      }),
      { numRuns: 60 },
    )
  })
})

describe('CVE-2025-64761, CVE-2025-5999, CVE-2024-9180: the root policy by odd case or spacing', () => {
  it.each(['root', 'Root', ' root', 'ROOT\t', 'rOOt\n', '\u00a0root'])('is refused for entities and groups: %j', async policy => {
    const at = await running()
    for (const path of ['identity/entity', 'identity/group']) {
      const answer = await at.ask('write', path, { name: 'x', policies: [policy] })
      expect(answer).toMatchObject({ status: 400, errors: ['policies cannot contain root'] })
    }
  })
})

describe('CVE-2025-6013 (CVE-2025-55001): one person with several entities, by letter case', () => {
  it('is one entity however the name is written at the login', async () => {
    const { at, entityId } = await withUser('path "secret/x" { capabilities = ["read"] }')
    expect((await logIn(at, 'ANN')).entityId).toBe(entityId)
    expect((await logIn(at, 'Ann')).entityId).toBe(entityId)
  })

  it('is one entity when the first logins come at the same time', async () => {
    const { at } = await withUser('path "secret/x" { capabilities = ["read"] }')
    await at.ask('write', 'auth/people/users/bob', { password: 'green tea' })
    const logins = await Promise.all(Array.from({ length: 8 }, () => logIn(at, 'bob')))
    expect(new Set(logins.map(it => it.entityId)).size).toBe(1)
  })
})

describe('disabled and deleted entities', () => {
  it('end every token at once: their own, children and batch tokens, cached or not', async () => {
    const { at, token, entityId } = await withUser('path "auth/token/create" { capabilities = ["update"] }')
    const made = async (type: string): Promise<string> =>
      authOf(await at.ask('write', 'auth/token/create', { type }, { token })).client_token
    const all = [token, await made('service'), await made('batch')]
    const statuses = (): Promise<readonly number[]> =>
      Promise.all(all.map(async it => (await at.ask('read', 'auth/token/lookup-self', {}, { token: it })).status))
    expect(await statuses()).toEqual([200, 200, 200])
    await at.ask('write', `identity/entity/id/${entityId}`, { disabled: true })
    expect(await statuses()).toEqual([403, 403, 403])
    await at.ask('write', `identity/entity/id/${entityId}`, { disabled: false })
    expect(await statuses()).toEqual([200, 200, 200])
    await at.ask('delete', `identity/entity/id/${entityId}`)
    expect(await statuses()).toEqual([403, 403, 403])
  })

  it('stay what they are through a seal', async () => {
    const { at, token, entityId } = await withUser('path "secret/x" { capabilities = ["read"] }')
    await at.ask('write', `identity/entity/id/${entityId}`, { policies: ['extra'] })
    await at.ask('write', 'sys/seal', {})
    for (const key of at.keys) await at.server.core.operator.unseal(key)
    const answer = await at.ask('read', 'auth/token/lookup-self', {}, { token })
    expect(answer.body?.['data']).toMatchObject({ entity_id: entityId, identity_policies: ['extra'] })
  })
})

describe('tokens for an entity alias', () => {
  it('need a token role that allows the alias, so that nobody becomes somebody else', async () => {
    const { at, token } = await withUser('path "auth/token/create*" { capabilities = ["update"] }')
    await at.ask('write', 'auth/token/roles/some', { allowed_entity_aliases: ['robot-*'], allowed_policies: 'own' })
    for (const [path, entity_alias] of [
      ['auth/token/create', 'robot-1'],
      ['auth/token/create/some', 'ann'],
      ['auth/token/create/some', 'xrobot-1'],
    ] as const) {
      expect((await at.ask('write', path, { entity_alias }, { token })).status).toBe(400)
    }
    expect((await at.ask('write', 'auth/token/create/some', { entity_alias: 'robot-1' }, { token })).status).toBe(200)
  })
})
