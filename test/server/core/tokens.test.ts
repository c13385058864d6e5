import { describe, expect, it } from 'vitest'
import { authOf, dataOf, running, type Running } from './running.ts'

const create = async (at: Running, data: Record<string, unknown>, token?: string): Promise<ReturnType<typeof authOf>> =>
  authOf(await at.ask('write', 'auth/token/create', data, token === undefined ? {} : { token }))
const alive = async (at: Running, token: string): Promise<boolean> =>
  (await at.ask('read', 'auth/token/lookup-self', {}, { token })).status === 200

describe('a token', () => {
  it('ends at its time, whether or not a timer has fired', async () => {
    const at = await running()
    const { client_token: token } = await create(at, { ttl: '1h', policies: ['default'] })
    at.clock.advance(3599_000)
    expect(await alive(at, token)).toBe(true)
    at.clock.advance(1000)
    expect((await at.ask('read', 'auth/token/lookup-self', {}, { token })).errors).toEqual(['permission denied'])
  })

  it('is gone from the store when its time is over', async () => {
    const at = await running()
    const { accessor } = await create(at, { ttl: '1h', policies: ['default'] })
    expect((await at.ask('write', 'auth/token/lookup-accessor', { accessor })).status).toBe(200)
    await at.pass(3600)
    expect((await at.ask('write', 'auth/token/lookup-accessor', { accessor })).errors).toEqual([
      '1 error occurred:\n\t* invalid accessor\n\n',
    ])
    expect(dataOf(await at.ask('list', 'auth/token/accessors'))['keys']).not.toContain(accessor)
  })

  it('takes its children with it, and spares orphans', async () => {
    const at = await running()
    const parent = await create(at, { policies: ['root'] })
    const child = await create(at, { policies: ['default'] }, parent.client_token)
    const grandchild = await create(
      at,
      { policies: ['default'] },
      (await create(at, { policies: ['root'] }, parent.client_token)).client_token,
    )
    const orphan = authOf(await at.ask('write', 'auth/token/create-orphan', { policies: ['default'] }, { token: parent.client_token }))
    expect((await at.ask('write', 'auth/token/revoke', { token: parent.client_token })).status).toBe(204)
    expect([
      await alive(at, parent.client_token),
      await alive(at, child.client_token),
      await alive(at, grandchild.client_token),
      await alive(at, orphan.client_token),
    ]).toEqual([false, false, false, true])
  })

  it('leaves orphans when it alone is revoked', async () => {
    const at = await running()
    const parent = await create(at, { policies: ['root'] })
    const child = await create(at, { policies: ['default'] }, parent.client_token)
    await at.ask('write', 'auth/token/revoke-orphan', { token: parent.client_token })
    expect(dataOf(await at.ask('read', 'auth/token/lookup-self', {}, { token: child.client_token }))['orphan']).toBe(true)
  })

  it('with two uses answers twice, whatever came of them', async () => {
    const at = await running()
    const { client_token: token } = await create(at, { num_uses: 2, policies: ['default'] })
    expect((await at.ask('read', 'secret/none', {}, { token })).status).toBe(403)
    expect(dataOf(await at.ask('read', 'auth/token/lookup-self', {}, { token }))['num_uses']).toBe(-1)
    expect((await at.ask('read', 'auth/token/lookup-self', {}, { token })).errors).toEqual(['permission denied'])
  })

  it('is renewed from now on, and never past its maximum', async () => {
    const at = await running()
    const { client_token: token } = await create(at, { ttl: '2h', explicit_max_ttl: '3h', policies: ['default'] })
    expect(authOf(await at.ask('write', 'auth/token/renew', { token, increment: '5m' })).lease_duration).toBe(300)
    await at.pass(60)
    const renewed = await at.ask('write', 'auth/token/renew-self', { increment: '100h' }, { token })
    expect(authOf(renewed).lease_duration).toBe(10_740)
    expect(renewed.body?.['warnings']).toEqual(['TTL of "100h" exceeded the effective max_ttl of "2h59m"; TTL value is capped accordingly'])
    expect(authOf(renewed).client_token).toBe(token)
  })

  it('that is periodic starts its period anew at each renewal', async () => {
    const at = await running()
    const { client_token: token } = await create(at, { period: '10m', policies: ['default'] })
    for (let i = 0; i < 200; i++) {
      await at.pass(500)
      expect(authOf(await at.ask('write', 'auth/token/renew-self', {}, { token })).lease_duration).toBe(600)
    }
    await at.pass(600)
    expect(await alive(at, token)).toBe(false)
  })

  it('is used from its own addresses only', async () => {
    const at = await running()
    await at.ask('write', 'auth/token/roles/bound', { token_bound_cidrs: ['10.0.0.0/8'], allowed_policies: ['default'] })
    const { client_token: token } = authOf(await at.ask('write', 'auth/token/create/bound'))
    expect((await at.ask('read', 'auth/token/lookup-self', {}, { token, from: '10.1.2.3' })).status).toBe(200)
    expect((await at.ask('read', 'auth/token/lookup-self', {}, { token, from: '192.168.0.1' })).status).toBe(403)
    expect((await at.ask('read', 'auth/token/lookup-self', {}, { token, from: '::ffff:10.1.2.3' })).status).toBe(200)
  })

  it('of batch type carries itself and cannot be revoked, renewed or given a cubbyhole', async () => {
    const at = await running()
    const { client_token: token, accessor } = await create(at, { type: 'batch', ttl: '1h', policies: ['default'] })
    expect([token.startsWith('hvb.'), accessor]).toEqual([true, ''])
    expect(dataOf(await at.ask('read', 'auth/token/lookup-self', {}, { token }))['type']).toBe('batch')
    expect((await at.ask('write', 'auth/token/revoke', { token })).errors).toEqual(['batch tokens cannot be revoked'])
    expect((await at.ask('write', 'auth/token/renew', { token })).errors).toEqual(['batch tokens cannot be renewed'])
    expect((await at.ask('read', 'auth/token/lookup-self', {}, { token: `${token.slice(0, -4)}AAAA` })).status).toBe(403)
    await at.pass(3600)
    expect(await alive(at, token)).toBe(false)
  })

  it('cannot make a child with more than it has', async () => {
    const at = await running()
    const { client_token: token } = await create(at, { policies: ['default'] })
    await at.ask('write', 'sys/policies/acl/maker', { policy: 'path "auth/token/create" { capabilities = ["update"] }' })
    const { client_token: maker } = await create(at, { policies: ['maker'] })
    expect((await at.ask('write', 'auth/token/create', { policies: ['root'] }, { token })).status).toBe(403)
    for (const [wish, why] of [
      [{ policies: ['admin'] }, 'child policies must be subset of parent'],
      [{ policies: ['root'] }, 'child policies must be subset of parent'],
      [{ id: 'mine' }, 'root or sudo privileges required to specify token id'],
      [{ no_parent: true }, 'root or sudo privileges required to create orphan token'],
      [{ period: '1h' }, 'root or sudo privileges required to create periodic token'],
    ] as const)
      expect((await at.ask('write', 'auth/token/create', wish, { token: maker })).errors).toEqual([why])
  })

  it('lives on over sealing and unsealing', async () => {
    const at = await running()
    const { client_token: token } = await create(at, { ttl: '1h', policies: ['default'] })
    await at.ask('write', 'sys/seal')
    expect((await at.ask('read', 'auth/token/lookup-self', {}, { token })).errors).toEqual(['Vault is sealed'])
    await at.server.core.operator.unseal(at.keys[0] as string)
    expect(await alive(at, token)).toBe(true)
    await at.pass(3600)
    expect(await alive(at, token)).toBe(false)
  })
})
