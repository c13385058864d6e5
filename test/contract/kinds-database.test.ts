/** Kinds of the database engine whose objects a server makes only over a real database. */
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import type { Plan } from '../../src/reconciler/model/index.ts'
import { folder, put } from '../reconciler/harness/run.ts'
import { startPostgres, type Postgres } from './harness/postgres.ts'
import { startOurs, startPeer, type RunningServer } from './harness/server.ts'
import { targetAt, type TestTarget } from './reconciler-target.ts'

const everything = { maxDeletes: 1000, maxUpdates: 1000, dataLoss: true, empty: true }
const changesOf = (plan: Plan): readonly unknown[] => plan.steps.map(it => [it.action, it.address, it.changed])

describe.each([
  ['a real OpenBao', startPeer],
  ['our own server', startOurs],
] as const)('databases of a repository on %s', (name, start) => {
  let database: Postgres
  let server: RunningServer
  let target: TestTarget
  beforeAll(async () => {
    database = await startPostgres()
    await database.query(`CREATE ROLE batch LOGIN PASSWORD 'first'`)
    server = await start('dev')
    target = targetAt(server.address)
  })
  afterAll(async () => {
    target?.client.close()
    await server?.stop()
    await database?.remove()
  })

  const file = (times: string): string => `type: database
config:
  db:
    plugin_name: postgresql-database-plugin
    allowed_roles: [app, batch]
    connection_url: "${database.url()}"
    username: ${database.username}
    password: { $env: PASSWORD }
roles:
  app: { db_name: db, creation_statements: ["CREATE ROLE \\"{{name}}\\" LOGIN PASSWORD '{{password}}'"], default_ttl: 1h }
static-roles:
  batch: { db_name: db, username: batch, ${times} }
`
  const env = (): Readonly<Record<string, string>> => ({ PASSWORD: database.password, LEDGER_KEY: 'a key that nobody guesses' })
  const brought = async (dir: string): Promise<readonly unknown[]> => {
    const changed = changesOf(await target.plan(dir, env()))
    const { failed } = await target.apply(dir, everything, env())
    expect(failed.map(it => `${it.step.address}: ${it.message}`)).toEqual([])
    return changed
  }

  it('are brought in order, kept, changed one by one and let go', async () => {
    const dir = await folder({
      'lockstep.yaml': 'version: 1\nownership: { owner: databases, ledger_key: { $env: LEDGER_KEY } }\n',
      'engines/database.yaml': file('rotation_period: 24h'),
    })
    expect(await brought(dir)).toHaveLength(4)
    expect(changesOf(await target.plan(dir, env()))).toEqual([])
    const user = await target.writer.read('database/creds/app')
    expect(await database.query('SELECT FROM pg_roles WHERE rolname = $1', [user?.data?.['username']])).toHaveLength(1)

    await target.writer.write('database/static-roles/batch', { username: 'batch', rotation_period: '12h' })
    expect(await brought(dir)).toEqual([['update', 'engine/database/static-roles/batch', ['rotation_period']]])
    await put(dir, {
      'engines/database.yaml': file(`rotation_period: 24h, rotation_statements: ["ALTER ROLE batch PASSWORD '{{password}}'"]`),
    })
    expect(await brought(dir)).toEqual([['update', 'engine/database/static-roles/batch', ['rotation_statements']]])
    expect(changesOf(await target.plan(dir, env()))).toEqual([])

    // The other server answers nothing of a schedule.
    if (name === 'our own server') {
      await put(dir, { 'engines/database.yaml': file('rotation_schedule: "0 3 * * SAT", rotation_window: 2h') })
      expect(await brought(dir)).toHaveLength(1)
      expect(changesOf(await target.plan(dir, env()))).toEqual([])
      expect((await target.writer.read('database/static-roles/batch'))?.data).toMatchObject({ rotation_schedule: '0 3 * * SAT' })
      await target.writer.write('database/static-roles/batch', { username: 'batch', rotation_window: '3h' })
      expect(await brought(dir)).toEqual([['update', 'engine/database/static-roles/batch', ['rotation_window']]])
      await put(dir, { 'engines/database.yaml': file('rotation_period: 24h') })
      await brought(dir)
      expect(changesOf(await target.plan(dir, env()))).toEqual([])
    }

    // Only the reference's value: the file stays as it is.
    await database.query(`CREATE ROLE other SUPERUSER LOGIN PASSWORD 'first of other'`)
    await put(dir, { 'engines/database.yaml': file('rotation_period: 24h').replace(`username: ${database.username}`, 'username: other') })
    const of = (password: string): Readonly<Record<string, string>> => ({ ...env(), PASSWORD: password })
    expect((await target.apply(dir, everything, of('first of other'))).failed).toEqual([])
    await database.query(`ALTER ROLE other PASSWORD 'second of other'`)
    expect(changesOf(await target.plan(dir, of('second of other')))).toEqual([['update', 'engine/database/config/db', ['password']]])
    expect((await target.apply(dir, everything, of('second of other'))).failed).toEqual([])
    expect(changesOf(await target.plan(dir, of('second of other')))).toEqual([])
    await target.writer.read('database/creds/app')

    await target.writer.write('sys/leases/revoke-prefix/database', {})
    await put(dir, { 'engines/database.yaml': 'type: database\n' })
    await brought(dir)
    expect(changesOf(await target.plan(dir, env()))).toEqual([])
  })
})
