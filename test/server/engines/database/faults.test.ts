/** Whatever is cut off, and whenever: no user stays that no lease ends, and each lease ends its user. The same for every database. */
import { setTimeout as delay } from 'node:timers/promises'
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest'
import { startCuttingProxy, type CuttingProxy } from '../../../contract/harness/cutting-proxy.ts'
import { someDatabases, type SomeDatabase } from '../../../contract/harness/live-databases.ts'
import { dataOf, running, type Answered, type Running } from '../../core/running.ts'

describe.each(someDatabases)('with a %s that comes and goes', (_, start) => {
  let server: SomeDatabase
  let proxy: CuttingProxy
  let at: Running
  beforeAll(async () => {
    server = await start()
    proxy = await startCuttingProxy(server.port)
  })
  afterAll(async () => {
    await proxy?.close()
    await server?.remove()
  })
  beforeEach(async () => {
    proxy.heal()
    at = await running()
    await demand('write', 'sys/mounts/db', { type: 'database' })
    await demand('write', 'db/config/it', server.config(proxy.port))
    await demand('write', 'db/roles/app', { ...server.role, db_name: 'it', default_ttl: '1h', max_ttl: '24h' })
  })
  afterEach(async () => {
    await at.server.core.close()
    expect(await server.users()).toEqual([])
  })

  const demand = async (...asked: Parameters<Running['ask']>): Promise<Answered> => {
    const answer = await at.ask(...asked)
    if (answer.status > 299) throw new Error(`${asked[0]} ${asked[1]}: ${answer.status} ${answer.errors?.join() ?? ''}`)
    return answer
  }
  const count = async (): Promise<number> => (await server.users()).length
  const until = async (holds: () => Promise<boolean>, between: () => Promise<void> = async () => undefined): Promise<void> => {
    for (const deadline = performance.now() + 20_000; performance.now() < deadline; await delay(20)) {
      if (await holds()) return
      await between()
    }
    throw new Error('it never came')
  }
  /** What is done in the background, with the clock's next ticks. */
  const eventually = (holds: () => Promise<boolean>): Promise<void> => until(holds, () => at.pass(5))
  const leases = async (): Promise<number> => {
    const { body } = await at.ask('list', 'sys/leases/lookup/db/creds/app')
    return ((body?.['data'] as { readonly keys?: readonly string[] } | undefined)?.keys ?? []).length
  }
  const leaseOf = (answer: Answered): string => String(answer.body?.['lease_id'])
  const restart = async (): Promise<void> => {
    await demand('write', 'sys/seal')
    for (const key of at.keys) await at.server.core.operator.unseal(key)
  }

  it('leaves no user when the answer to its creation is lost', async () => {
    proxy.cutAt(server.creation)
    expect((await at.ask('read', 'db/creds/app')).status).toBe(500)
    await eventually(async () => (await count()) === 0)
    expect(await leases()).toBe(0)
  })

  it('leaves no user when it cannot be asked for a while either', async () => {
    proxy.cutAt(server.creation, true)
    expect((await at.ask('read', 'db/creds/app')).status).toBe(500)
    await until(async () => (await count()) === 1)
    proxy.heal()
    await eventually(async () => (await count()) === 0)
  })

  it('leaves no user of a server that ended before its lease was stored', async () => {
    proxy.cutAt(server.creation, true)
    await at.ask('read', 'db/creds/app')
    await until(async () => (await count()) === 1)
    await restart()
    proxy.heal()
    await eventually(async () => (await count()) === 0)
  })

  it('makes no user while it is down, and makes them again when it is back', async () => {
    await demand('read', 'db/creds/app')
    await demand('write', 'sys/leases/revoke-prefix/db')
    await server.stop()
    expect((await at.ask('read', 'db/creds/app')).status).toBe(500)
    expect(await leases()).toBe(0)
    await server.start()
    await eventually(async () => (await at.ask('read', 'db/creds/app')).status === 200)
    // The one that failed is not made behind our back.
    await at.pass(600)
    expect(await count()).toBe(await leases())
    await demand('write', 'sys/leases/revoke-prefix/db')
  })

  it('loses no lease that could not be renewed', async () => {
    const made = await demand('read', 'db/creds/app')
    await server.stop()
    await at.ask('write', 'sys/leases/renew', { lease_id: leaseOf(made) })
    await server.start()
    await eventually(async () => (await at.ask('write', 'sys/leases/renew', { lease_id: leaseOf(made) })).status === 200)
    expect(await leases()).toBe(1)
    if (server.isLasting) expect(await server.users()).toEqual([dataOf(made)['username']])
    await at.pass(3601)
    await eventually(async () => (await count()) + (await leases()) === 0)
  })

  it('ends users whose leases ended while it was down', async () => {
    await demand('read', 'db/creds/app')
    await server.stop()
    await at.pass(3601)
    await at.pass(30)
    expect(await leases()).toBe(1)
    await server.start()
    await eventually(async () => (await count()) + (await leases()) === 0)
  })

  it('keeps the lease of a user that somebody tried to revoke while it was down', async () => {
    const made = await demand('read', 'db/creds/app')
    await server.stop()
    expect((await at.ask('write', 'sys/leases/revoke', { lease_id: leaseOf(made), sync: true })).status).toBe(400)
    expect(await leases()).toBe(1)
    await restart()
    await server.start()
    await eventually(async () => (await at.ask('write', 'sys/leases/revoke', { lease_id: leaseOf(made) })).status === 204)
    await eventually(async () => (await count()) + (await leases()) === 0)
  })

  it('ends a user also when the answer to its end is lost', async () => {
    const made = await demand('read', 'db/creds/app')
    proxy.cutAt(server.deletion)
    await at.ask('write', 'sys/leases/revoke', { lease_id: leaseOf(made), sync: false })
    await eventually(async () => (await count()) + (await leases()) === 0)
  })
})
