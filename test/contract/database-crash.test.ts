/** Our server is killed between the statement that makes a user and the answer. */
import { setTimeout as delay } from 'node:timers/promises'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { demand, initialise, Installation, unseal, type Process } from './harness/installation.ts'
import { startPostgres, type Postgres } from './harness/postgres.ts'

describe('a server that is killed while the database makes a user', () => {
  let database: Postgres
  let installation: Installation
  beforeAll(async () => {
    database = await startPostgres()
    installation = new Installation()
  })
  afterAll(async () => {
    await installation.remove()
    await database.remove()
  })

  const users = async (): Promise<number> => (await database.query(`SELECT FROM pg_roles WHERE rolname LIKE 'v-%'`)).length
  const until = async (count: number): Promise<void> => {
    for (const deadline = performance.now() + 60_000; (await users()) !== count; await delay(50)) {
      if (performance.now() > deadline) throw new Error(`there are ${await users()} users, not ${count}`)
    }
  }

  it('takes it back after the start, and keeps those that are leased', async () => {
    let at: Process = await installation.start()
    const { shares, root } = await initialise(at)
    await unseal(at, shares.slice(0, 3))
    const as = { token: root }
    const role = (statements: readonly string[]): object => ({ db_name: 'pg', creation_statements: statements })
    const create = `CREATE ROLE "{{name}}" LOGIN PASSWORD '{{password}}'`
    await demand(at, 'POST', 'sys/mounts/db', { ...as, body: { type: 'database' } })
    await demand(at, 'POST', 'db/config/pg', {
      ...as,
      body: {
        plugin_name: 'postgresql-database-plugin',
        connection_url: database.url(),
        username: database.username,
        password: database.password,
        allowed_roles: '*',
      },
    })
    await demand(at, 'POST', 'db/roles/quick', { ...as, body: role([create]) })
    await demand(at, 'POST', 'db/roles/slow', { ...as, body: role([create, 'SELECT pg_sleep(1)']) })
    await demand(at, 'GET', 'db/creds/quick', as)

    const answer = demand(at, 'GET', 'db/creds/slow', as).catch(() => 'cut off')
    const isAsleep = async (): Promise<boolean> =>
      (await database.query(`SELECT FROM pg_stat_activity WHERE application_name = 'lockstep' AND wait_event = 'PgSleep'`)).length > 0
    while (!(await isAsleep())) await delay(10)
    await at.stop('SIGKILL')
    expect(await answer).toBe('cut off')
    await until(2)

    at = await installation.start()
    await unseal(at, shares.slice(0, 3))
    await until(1)
    await demand(at, 'PUT', 'sys/leases/revoke-prefix/db', as)
    expect(await users()).toBe(0)
    await at.stop()
  })
})
