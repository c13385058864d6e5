import { describe, expect, it } from 'vitest'
import type { WireObject } from '../../../src/schema/index.ts'
import { authOf, running, type Answered, type Running } from './running.ts'

const POLICY = `path "auth/approle/role/a" {
  capabilities = ["read"]
}
path "auth/approle/role/b" {
  capabilities = ["read"]
}
path "auth/approle/role/" {
  capabilities = ["list"]
}
`

async function server(): Promise<{ readonly at: Running; readonly asOwner: Running['ask'] }> {
  const at = await running()
  await at.ask('write', 'sys/auth/approle', { type: 'approle' })
  for (const it of ['a', 'b', 'c']) await at.ask('write', `auth/approle/role/${it}`, { token_ttl: 60 })
  await at.ask('delete', 'auth/approle/role/b')
  await at.ask('write', 'sys/policies/acl/some', { policy: POLICY })
  const made = authOf(await at.ask('write', 'auth/token/create', { policies: ['some'], no_default_policy: true }))
  return { at, asOwner: at.as(made.client_token) }
}

const many = (ask: Running['ask'], path: readonly string[] | string, more: WireObject = {}): Promise<Answered> =>
  ask('read', 'sys/internal/read-many', { path, ...more })

const answersOf = ({ body }: Answered): readonly WireObject[] =>
  (body?.['data'] as WireObject | undefined)?.['answers'] as readonly WireObject[]

describe('sys/internal/read-many', () => {
  it('answers each path as it would have been answered alone, in their order', async () => {
    const { asOwner } = await server()
    const paths = ['auth/approle/role/a', 'auth/approle/role/b', 'auth/approle/role/c', 'auth/approle/role/', 'nowhere/x', 'sys/mounts']
    const answers = answersOf(await many(asOwner, paths))
    expect(answers.map(it => [it['path'], it['status']])).toEqual([
      ['auth/approle/role/a', 200],
      ['auth/approle/role/b', 404],
      ['auth/approle/role/c', 403],
      ['auth/approle/role/', 200],
      ['nowhere/x', 403],
      ['sys/mounts', 403],
    ])
    for (const [i, path] of paths.entries()) {
      const alone = await asOwner(path.endsWith('/') ? 'list' : 'read', path)
      expect([path, answers[i]?.['data'] ?? answers[i]?.['errors']]).toEqual([path, alone.body?.['data'] ?? alone.errors])
    }
  })

  it('gives a list as long as it is asked for', async () => {
    const { at } = await server()
    const lists = async (more: WireObject): Promise<unknown> => answersOf(await many(at.ask, 'auth/approle/role/', more))[0]?.['data']
    expect(await lists({})).toMatchObject({ keys: ['a', 'c'] })
    expect(await lists({ limit: 1 })).toMatchObject({ keys: ['a'] })
  })

  it('needs a token, and no right of its own', async () => {
    const { at, asOwner } = await server()
    expect((await many(asOwner, 'auth/approle/role/a')).status).toBe(200)
    expect((await at.ask('read', 'sys/internal/read-many', { path: 'auth/approle/role/a' }, { token: '' })).status).toBe(403)
    expect((await at.ask('read', 'sys/internal/read-many', { path: 'auth/approle/role/a' }, { token: 'hvs.none' })).status).toBe(403)
  })

  it('counts each path as a use of the token', async () => {
    const { at } = await server()
    const made = authOf(await at.ask('write', 'auth/token/create', { policies: ['root'], num_uses: 2 }))
    const statuses = answersOf(await many(at.as(made.client_token), ['sys/mounts', 'sys/auth', 'sys/policies/acl/some'])).map(
      it => it['status'],
    )
    expect(statuses.filter(it => it === 200)).toHaveLength(2)
    expect(statuses.filter(it => it === 403)).toHaveLength(1)
    expect((await at.ask('read', 'auth/token/lookup-self', {}, { token: made.client_token })).status).toBe(403)
  })

  it.each([
    [['/sys/mounts'], 'not a path of the API'],
    [['a/../sys/mounts'], 'not a path of the API'],
    [['a/./b'], 'not a path of the API'],
    [['a//b'], 'not a path of the API'],
    [['..'], 'not a path of the API'],
    [[''], 'not a path of the API'],
    [['a\nb'], 'not a path of the API'],
    [Array.from({ length: 257 }, (_, i) => `a/${i}`), 'at most 256 paths'],
  ])('refuses %j', async (paths, why) => {
    const { at } = await server()
    const { status, errors } = await many(at.ask, paths)
    expect([status, errors?.join()]).toEqual([400, expect.stringContaining(why)])
  })

  it('reads in the namespace that it is asked in, by its path or by the header', async () => {
    const { at } = await server()
    await at.ask('write', 'sys/namespaces/team')
    await at.ask('write', 'team/sys/mounts/own', { type: 'kv' })
    const answers = answersOf(await at.ask('read', 'team/sys/internal/read-many', { path: ['sys/mounts', 'auth/approle/role/a'] }))
    expect(answers[0]).toMatchObject({ status: 200, data: { 'own/': { type: 'kv' } } })
    expect(answers[1]?.['status']).toBe(404)
  })

  it('does not read many of itself', async () => {
    const { at } = await server()
    expect(answersOf(await many(at.ask, ['sys/internal/read-many', 'sys/mounts'])).map(it => it['status'])).toEqual([400, 200])
  })
})
