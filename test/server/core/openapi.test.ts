import { describe, expect, it } from 'vitest'
import type { WireObject } from '../../../src/schema/index.ts'
import { authOf, running } from './running.ts'

describe('sys/internal/specs/openapi', () => {
  it('describes what is mounted, where it is mounted', async () => {
    const at = await running()
    await at.ask('write', 'sys/mounts/team/kv', { type: 'kv', options: { version: '2' } })
    await at.ask('write', 'sys/auth/machines', { type: 'approle' })
    const { body } = await at.ask('read', 'sys/internal/specs/openapi')
    expect(body).toMatchObject({ openapi: '3.0.2', info: { version: '2.7.2' } })
    const paths = body?.['paths'] as Readonly<Record<string, WireObject>>
    for (const path of [
      '/team/kv/data/{path}',
      '/auth/machines/role/{role_name}',
      '/auth/token/create',
      '/sys/policies/acl/{name}',
      '/cubbyhole/{path}',
    ])
      expect(Object.keys(paths)).toContain(path)
    expect(paths['/sys/auth/{path}']?.['x-vault-sudo']).toBe(true)
    expect(paths['/auth/machines/login']?.['x-vault-unauthenticated']).toBe(true)
  })

  it('counts every operation on namespaces', async () => {
    const at = await running()
    const paths = (await at.ask('read', 'sys/internal/specs/openapi')).body?.['paths'] as Readonly<Record<string, WireObject>>
    const found = Object.entries(paths).filter(([path]) => path.includes('namespaces'))
    const operations = found.flatMap(([path, item]) =>
      ['get', 'post', 'patch', 'delete'].flatMap(method => (method in item ? [`${method} ${path}`] : [])),
    )
    expect(operations.toSorted()).toEqual([
      'delete /sys/namespaces/{path}',
      'delete /sys/namespaces/{path}/delete-sealed',
      'get /sys/internal/ui/namespaces',
      'get /sys/namespaces',
      'get /sys/namespaces/{path}',
      'get /sys/namespaces/{path}/seal-status',
      'patch /sys/namespaces/{path}',
      'post /sys/namespaces/api-lock/lock',
      'post /sys/namespaces/api-lock/lock/{path}',
      'post /sys/namespaces/api-lock/unlock',
      'post /sys/namespaces/api-lock/unlock/{path}',
      'post /sys/namespaces/{path}',
      'post /sys/namespaces/{path}/seal',
      'post /sys/namespaces/{path}/unseal',
    ])
  })

  it('is for those who may read it', async () => {
    const at = await running()
    const { client_token: token } = authOf(await at.ask('write', 'auth/token/create', { policies: ['default'] }))
    expect((await at.ask('read', 'sys/internal/specs/openapi', {}, { token })).status).toBe(403)
  })
})
