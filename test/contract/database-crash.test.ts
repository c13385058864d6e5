/** Our server is killed between the statement that makes a user and the answer. */
import { setTimeout as delay } from 'node:timers/promises'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { startCuttingProxy, type CuttingProxy } from './harness/cutting-proxy.ts'
import { demand, initialise, Installation, unseal, type Process } from './harness/installation.ts'
import { someDatabases, type SomeDatabase } from './harness/live-databases.ts'

describe.each(someDatabases)('a server that is killed while a %s makes a user', (_, start) => {
  let database: SomeDatabase
  let proxy: CuttingProxy
  let installation: Installation
  beforeAll(async () => {
    database = await start()
    proxy = await startCuttingProxy(database.port)
    installation = new Installation()
  })
  afterAll(async () => {
    await installation?.remove()
    await proxy?.close()
    await database?.remove()
  })

  const until = async (count: number): Promise<void> => {
    for (const deadline = performance.now() + 60_000; ; await delay(50)) {
      const users = await database.users()
      if (users.length === count) return
      if (performance.now() > deadline) throw new Error(`there are ${users.length} users, not ${count}`)
    }
  }

  it('takes it back after the start, and keeps those that are leased', async () => {
    let at: Process = await installation.start()
    const { shares, root } = await initialise(at)
    await unseal(at, shares.slice(0, 3))
    const as = { token: root }
    await demand(at, 'POST', 'sys/mounts/db', { ...as, body: { type: 'database' } })
    await demand(at, 'POST', 'db/config/it', { ...as, body: database.config(proxy.port) })
    await demand(at, 'POST', 'db/roles/app', { ...as, body: { ...database.role, db_name: 'it' } })
    await demand(at, 'GET', 'db/creds/app', as)
    const leased = await database.users()

    const silent = proxy.silenceAt(database.creation)
    const answer = demand(at, 'GET', 'db/creds/app', as).catch(() => 'cut off')
    await silent
    await until(2)
    await at.stop('SIGKILL')
    expect(await answer).toBe('cut off')
    await until(2)

    at = await installation.start()
    await unseal(at, shares.slice(0, 3))
    await until(1)
    expect(await database.users()).toEqual(leased)
    await demand(at, 'PUT', 'sys/leases/revoke-prefix/db', as)
    expect(await database.users()).toEqual([])
    await at.stop()
  })
})
