import { describe, expect, it } from 'vitest'
import { authOf, running, type Running } from './running.ts'

const POLICY = `path "secret/data/*" {
  capabilities = ["read"]
}
path "secret/data/admin/*" {
  capabilities = ["deny"]
}
path "form" {
  capabilities       = ["update"]
  allowed_parameters = { "kind" = ["a"] }
}
`

async function server(): Promise<Running> {
  const at = await running()
  await at.ask('write', 'sys/policies/acl/app', { policy: POLICY })
  return at
}

describe('sys/internal/inspect/acl', () => {
  it('explains what becomes of a request with a token, by its accessor, or with policies', async () => {
    const at = await server()
    const made = authOf(await at.ask('write', 'auth/token/create', { policies: ['app'], no_default_policy: true }))
    const asked = { path: 'secret/data/admin/x', operation: 'read' }
    const whose = [{ token: made.client_token }, { accessor: made.accessor }, { policies: ['app'] }]
    for (const who of whose) {
      const { status, body } = await at.ask('write', 'sys/internal/inspect/acl', { ...who, ...asked })
      expect(status).toBe(200)
      expect(body?.['data']).toMatchObject({
        allowed: false,
        operation: 'read',
        path: 'secret/data/admin/x',
        reason: 'deny',
        rule: { path: 'secret/data/admin/*', capabilities: ['deny'], sources: [{ policy: 'app', line: 4 }] },
        losers: [{ path: 'secret/data/*', lost: 'later-wildcard' }],
        policies: ['app'],
        unknown_policies: [],
      })
    }
  })

  it('takes parameters into account, and shows none of their values', async () => {
    const at = await server()
    const { body } = await at.ask('write', 'sys/internal/inspect/acl', {
      policies: ['app', 'gone'],
      path: 'form',
      operation: 'update',
      parameters: { kind: 'hunter2' },
    })
    expect(body?.['data']).toMatchObject({ allowed: false, reason: 'parameter', parameter: 'kind', unknown_policies: ['gone'] })
    expect(JSON.stringify(body)).not.toContain('hunter2')
  })

  it('knows root-protected paths, and policies that cannot be used together', async () => {
    const at = await server()
    await at.ask('write', 'sys/policies/acl/seal', { policy: 'path "sys/seal" { capabilities = ["update"] }' })
    const ask = async (policies: readonly string[]): Promise<unknown> =>
      (await at.ask('write', 'sys/internal/inspect/acl', { policies, path: 'sys/seal', operation: 'update' })).body?.['data']
    expect(await ask(['seal'])).toMatchObject({ allowed: false, reason: 'sudo', sudo_path: true })
    expect(await ask(['root'])).toMatchObject({ allowed: true, root: true })
    expect(await ask(['root', 'seal'])).toMatchObject({ allowed: false, reason: 'unusable' })
  })

  it('asks for one way to say whose request it is, and for a path', async () => {
    const at = await server()
    const errors = async (input: Readonly<Record<string, unknown>>): Promise<unknown> => {
      const { status, errors: said } = await at.ask('write', 'sys/internal/inspect/acl', input)
      return [status, said]
    }
    expect(await errors({ path: 'a' })).toEqual([400, ['exactly one of token, accessor and policies must be supplied']])
    expect(await errors({ path: 'a', token: 'x', policies: ['app'] })).toEqual([
      400,
      ['exactly one of token, accessor and policies must be supplied'],
    ])
    expect(await errors({ path: '', policies: ['app'] })).toEqual([400, ['missing path']])
    expect(await errors({ path: 'a', token: 'x' })).toEqual([400, ['invalid token']])
    expect(await errors({ path: 'a', accessor: 'x' })).toEqual([400, ['invalid accessor']])
  })

  it('is for those with sudo on it, and tells the caller of a refused request no more than before', async () => {
    const at = await server()
    await at.ask('write', 'sys/policies/acl/half', { policy: 'path "sys/internal/inspect/acl" { capabilities = ["update"] }' })
    await at.ask('write', 'sys/policies/acl/whole', { policy: 'path "sys/internal/inspect/acl" { capabilities = ["update", "sudo"] }' })
    const statusWith = async (policy: string): Promise<unknown> => {
      const { client_token: token } = authOf(await at.ask('write', 'auth/token/create', { policies: [policy] }))
      const { status, errors } = await at.ask('write', 'sys/internal/inspect/acl', { policies: ['app'], path: 'a' }, { token })
      return [status, errors]
    }
    expect(await statusWith('app')).toEqual([403, ['1 error occurred:\n\t* permission denied\n\n']])
    expect(await statusWith('half')).toEqual([403, ['1 error occurred:\n\t* permission denied\n\n']])
    expect(await statusWith('whole')).toEqual([200, undefined])
  })
})
