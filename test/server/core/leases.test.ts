import { beforeEach, describe, expect, it } from 'vitest'
import { seconds } from '../../../src/kernel/index.ts'
import { Outside, runningOutside } from './outside.ts'
import { authOf, type Running } from './running.ts'

describe('a lease', () => {
  let outside: Outside
  let at: Running
  const get = async (token?: string): Promise<string> => {
    const got = await at.ask('read', 'outside/creds', {}, token === undefined ? {} : { token })
    expect(got.body).toMatchObject({ renewable: true, lease_duration: 3600 })
    return got.body?.['lease_id'] as string
  }

  beforeEach(async () => {
    outside = new Outside()
    at = await runningOutside(outside)
    await at.ask('write', 'sys/mounts/outside', { type: 'outside' })
  })

  it('ends at the source when its time is over', async () => {
    const id = await get()
    await at.pass(3599)
    expect(outside.accounts.size).toBe(1)
    await at.pass(1)
    expect(outside.accounts.size).toBe(0)
    expect((await at.ask('write', 'sys/leases/lookup', { lease_id: id })).errors).toEqual(['invalid lease'])
  })

  it('lives longer when renewed, but not beyond its maximum', async () => {
    const id = await get()
    await at.pass(3000)
    expect((await at.ask('write', 'sys/leases/renew', { lease_id: id, increment: '1h' })).body).toMatchObject({
      lease_id: id,
      lease_duration: 3600,
      renewable: true,
    })
    await at.pass(3000)
    expect((await at.ask('write', 'sys/leases/renew', { lease_id: id, increment: '1h' })).body).toMatchObject({ lease_duration: 1200 })
    await at.pass(1200)
    expect(outside.accounts.size).toBe(0)
  })

  it('ends with the token that asked for it', async () => {
    const { client_token: token } = authOf(await at.ask('write', 'auth/token/create', { policies: ['root'], ttl: '10m' }))
    await get(token)
    await at.pass(600)
    await at.pass(1)
    expect(outside.accounts.size).toBe(0)
  })

  it('ends when it is revoked, by id, by prefix or by unmounting', async () => {
    const id = await get()
    expect((await at.ask('write', 'sys/leases/revoke', { lease_id: id, sync: true })).status).toBe(204)
    expect(outside.accounts.size).toBe(0)
    await get()
    await get()
    await at.ask('write', 'sys/leases/revoke-prefix/outside/creds')
    expect(outside.accounts.size).toBe(0)
    await get()
    await at.ask('delete', 'sys/mounts/outside')
    expect(outside.accounts.size).toBe(0)
  })

  it('is tried again until its source works, and never dropped', async () => {
    const id = await get()
    outside.broken = true
    await at.pass(3600)
    await at.pass(10)
    await at.pass(20)
    expect([outside.revocations, outside.accounts.size]).toEqual([3, 1])
    outside.broken = false
    await at.pass(40)
    expect(outside.accounts.size).toBe(0)
    expect((await at.ask('write', 'sys/leases/lookup', { lease_id: id })).status).toBe(400)
  })

  it('stays, marked irrevocable, when its source refuses every attempt, until it is forced', async () => {
    const id = await get()
    outside.broken = true
    await at.pass(3600)
    for (const pause of [10, 20, 40, 80, 160, 320, 640]) await at.pass(pause)
    expect([outside.revocations, outside.accounts.size]).toEqual([6, 1])
    expect((await at.ask('write', 'sys/leases/lookup', { lease_id: id })).status).toBe(200)
    await at.ask('write', 'sys/leases/revoke-force/outside/creds')
    expect((await at.ask('write', 'sys/leases/lookup', { lease_id: id })).status).toBe(400)
  })

  it('is tried again until the configured horizon, at most ten minutes apart, across restarts', async () => {
    at = await runningOutside(outside, undefined, seconds(24 * 3600))
    await at.ask('write', 'sys/mounts/outside', { type: 'outside' })
    const [first, second] = [await get(), await get()]
    outside.broken = true
    await at.pass(3600)
    for (let minutes = 0; minutes < 23 * 60; minutes += 10) await at.pass(600)
    await at.ask('write', 'sys/seal')
    await at.server.core.operator.unseal(at.keys[0] as string)
    const before = outside.revocations
    expect(before).toBeGreaterThan(200)
    outside.broken = false
    await at.ask('write', 'sys/leases/revoke', { lease_id: first, sync: true })
    outside.broken = true
    for (let minutes = 0; minutes < 90; minutes += 10) await at.pass(600)
    const after = outside.revocations
    for (let minutes = 0; minutes < 90; minutes += 10) await at.pass(600)
    expect(outside.revocations).toBe(after)
    expect((await at.ask('write', 'sys/leases/lookup', { lease_id: second })).status).toBe(200)
  })

  it('is taken up again after an unseal, also one that fell due meanwhile', async () => {
    await get()
    const later = await get()
    await at.ask('write', 'sys/leases/renew', { lease_id: later, increment: '2h' })
    await at.ask('write', 'sys/seal')
    await at.pass(3600)
    expect(outside.accounts.size).toBe(2)
    await at.server.core.operator.unseal(at.keys[0] as string)
    await at.pass(0)
    await at.pass(1)
    expect(outside.accounts.size).toBe(1)
    await at.pass(3600)
    expect(outside.accounts.size).toBe(0)
  })

  it('is listed by the path of its request', async () => {
    const id = await get()
    expect((await at.ask('list', 'sys/leases/lookup/outside/creds')).body?.['data']).toEqual({ keys: [id.slice('outside/creds/'.length)] })
  })

  it('follows its mount when that is renamed', async () => {
    await get()
    await at.ask('write', 'sys/remount', { from: 'outside', to: 'moved' })
    expect(outside.accounts.size).toBe(0)
    expect((await at.ask('read', 'moved/creds')).status).toBe(200)
  })
})
