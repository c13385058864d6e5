import { setTimeout as delay } from 'node:timers/promises'
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest'
import { startCuttingProxy, type CuttingProxy } from '../../../contract/harness/cutting-proxy.ts'
import { startPostgres, type Postgres } from '../../../contract/harness/postgres.ts'
import { authOf, dataOf, running, type Answered, type Running } from '../../core/running.ts'

const CREATE = `CREATE ROLE "{{name}}" LOGIN PASSWORD '{{password}}' VALID UNTIL '{{expiration}}'`

let server: Postgres
let proxy: CuttingProxy
let at: Running
beforeAll(async () => {
  server = await startPostgres()
  await server.query('CREATE TABLE accounts (id int)')
  proxy = await startCuttingProxy(server.port)
})
afterAll(async () => {
  await proxy.close()
  await server.remove()
})
beforeEach(async () => {
  proxy.heal()
  at = await running()
  await at.ask('write', 'sys/mounts/db', { type: 'database' })
  await demand('write', 'db/config/pg', {
    plugin_name: 'postgresql-database-plugin',
    connection_url: `postgresql://{{username}}:{{password}}@127.0.0.1:${proxy.port}/postgres?sslmode=disable`,
    username: server.username,
    password: server.password,
    allowed_roles: '*',
  })
  await demand('write', 'db/roles/app', { db_name: 'pg', creation_statements: [CREATE], default_ttl: '1h', max_ttl: '24h' })
})
afterEach(async () => {
  await at.server.core.close()
  for (const name of await users()) await server.query(`DROP ROLE "${name}"`)
})

async function demand(...asked: Parameters<Running['ask']>): Promise<Answered> {
  const answer = await at.ask(...asked)
  if (answer.status > 299) throw new Error(`${asked[0]} ${asked[1]}: ${answer.status} ${answer.errors?.join() ?? ''}`)
  return answer
}
/** Those that the engine made. */
const users = async (): Promise<readonly string[]> =>
  (await server.query(`SELECT rolname FROM pg_roles WHERE rolname LIKE 'v-%'`)).map(it => String(it['rolname']))
const leaseOf = (answer: Answered): string => String(answer.body?.['lease_id'])
/** What the database does behind a cut connection. */
async function until(holds: () => Promise<boolean>, between: () => Promise<void> = async () => undefined): Promise<void> {
  for (const deadline = performance.now() + 20_000; performance.now() < deadline; await delay(20)) {
    if (await holds()) return
    await between()
  }
  throw new Error('it never came')
}
/** What is done in the background, with the clock's next ticks. */
const eventually = (holds: () => Promise<boolean>): Promise<void> => until(holds, () => at.pass(5))
const refused = (answer: Answered): string => answer.errors?.join() ?? `not refused: ${answer.status}`
const logsIn = async (username: string, password: string): Promise<boolean> => {
  const name = `check-${username}`
  const answer = await at.ask('write', `db/config/${name}`, {
    plugin_name: 'postgresql-database-plugin',
    connection_url: server.url(),
    username,
    password,
  })
  await at.ask('delete', `db/config/${name}`)
  return answer.status < 300
}

describe('a user', () => {
  it('is not left behind when the answer to its creation is lost', async () => {
    proxy.cutAt('CREATE ROLE')
    const answer = await at.ask('read', 'db/creds/app')
    expect(answer.status).toBe(500)
    await eventually(async () => (await users()).length === 0)
  })

  it('is not left behind either when the database cannot be asked for a while', async () => {
    proxy.cutAt('CREATE ROLE', true)
    expect((await at.ask('read', 'db/creds/app')).status).toBe(500)
    await until(async () => (await users()).length === 1)
    proxy.heal()
    await eventually(async () => (await users()).length === 0)
  })

  it('is not left behind when the database makes it only after it was asked for it', async () => {
    // The statement is still at work when the answer is given up, and when the database is asked for the user.
    await demand('write', 'db/roles/slow', { db_name: 'pg', creation_statements: ['SELECT pg_sleep(1)', CREATE] })
    proxy.cutAt('pg_sleep')
    expect((await at.ask('read', 'db/creds/slow')).status).toBe(500)
    expect(await users()).toEqual([])
    await until(async () => (await users()).length === 1)
    await eventually(async () => (await users()).length === 0)
  })

  it('is taken back after a crash before its lease was stored', async () => {
    proxy.cutAt('CREATE ROLE', true)
    await at.ask('read', 'db/creds/app')
    await until(async () => (await users()).length === 1)
    await demand('write', 'sys/seal')
    proxy.heal()
    for (const key of at.keys) await at.server.core.operator.unseal(key)
    await eventually(async () => (await users()).length === 0)
  })

  it('lives on through seal and unseal, with its lease', async () => {
    const made = await demand('read', 'db/creds/app')
    await demand('write', 'sys/seal')
    for (const key of at.keys) await at.server.core.operator.unseal(key)
    await at.pass(5)
    expect(await users()).toEqual([dataOf(made)['username']])
    expect((await demand('write', 'sys/leases/renew', { lease_id: leaseOf(made) })).status).toBe(200)
    await demand('write', 'sys/leases/revoke', { lease_id: leaseOf(made) })
    expect(await users()).toEqual([])
  })

  it('keeps its lease when the answer to its renewal is lost', async () => {
    const made = await demand('read', 'db/creds/app')
    proxy.cutAt('ALTER ROLE', true)
    expect((await at.ask('write', 'sys/leases/renew', { lease_id: leaseOf(made), increment: '2h' })).status).toBe(400)
    proxy.heal()
    expect((await demand('write', 'sys/leases/renew', { lease_id: leaseOf(made), increment: '2h' })).body?.['lease_duration']).toBe(7200)
    await at.pass(7201)
    await eventually(async () => (await users()).length === 0)
  })

  it('is renewed by the statements of its role', async () => {
    const renew_statements = [`ALTER ROLE "{{name}}" VALID UNTIL '{{expiration}}'`, 'ALTER ROLE "{{name}}" CONNECTION LIMIT 7']
    await demand('write', 'db/roles/app', { db_name: 'pg', creation_statements: [CREATE], renew_statements })
    const made = await demand('read', 'db/creds/app')
    await demand('write', 'sys/leases/renew', { lease_id: leaseOf(made) })
    expect(await server.query(`SELECT rolconnlimit AS n FROM pg_roles WHERE rolname LIKE 'v-%'`)).toEqual([{ n: 7 }])
  })

  it('is taken back by the rollback statements of its role, when it was not given away', async () => {
    const note = (what: string): string => `INSERT INTO notes VALUES ('${what} {{name}}')`
    await server.query('CREATE TABLE notes (note text)')
    await demand('write', 'db/roles/app', {
      db_name: 'pg',
      creation_statements: [CREATE],
      revocation_statements: ['DROP ROLE IF EXISTS "{{name}}"', note('revoked')],
      rollback_statements: ['DROP ROLE IF EXISTS "{{name}}"', note('rolled back')],
    })
    const made = await demand('read', 'db/creds/app')
    await demand('write', 'sys/leases/revoke', { lease_id: leaseOf(made) })
    proxy.cutAt('CREATE ROLE')
    expect((await at.ask('read', 'db/creds/app')).status).toBe(500)
    await eventually(async () => (await server.query('SELECT FROM notes')).length === 2)
    const [revoked, back] = (await server.query('SELECT note FROM notes')).map(it => String(it['note']))
    expect(revoked).toBe(`revoked ${String(dataOf(made)['username'])}`)
    expect(back).toMatch(/^rolled back v-/)
    await server.query('DROP TABLE notes')
  })

  it('ends when its lease does, also when the database comes back only later', async () => {
    await demand('read', 'db/creds/app')
    await server.stop()
    await at.pass(3601)
    await at.pass(30)
    await server.start()
    await eventually(async () => (await users()).length === 0)
    await eventually(async () => (await at.ask('list', 'sys/leases/lookup/db/creds/app')).status === 404)
  })

  it('that no attempt could end is shown as irrevocable, and can be forgotten', async () => {
    await demand('write', 'db/roles/bad', { db_name: 'pg', creation_statements: [CREATE], revocation_statements: ['GRANT'] })
    const made = await demand('read', 'db/creds/bad')
    const answer = await at.ask('write', 'sys/leases/revoke', { lease_id: leaseOf(made) })
    expect(refused(answer)).toMatch(/^failed to revoke entry: resp: \(\*logical\.Response\)\(nil\) err: ERROR: syntax error/)
    await demand('write', 'sys/leases/revoke', { lease_id: leaseOf(made), sync: false })
    await eventually(async () => {
      await at.pass(600)
      return dataOf(await at.ask('read', 'sys/leases', { type: 'irrevocable' }))['lease_count'] === 1
    })
    const [lease] = dataOf(await at.ask('read', 'sys/leases', { type: 'irrevocable' }))['leases'] as readonly { error: string }[]
    expect(lease?.error).toContain('syntax error')
    await demand('write', 'sys/leases/revoke-force/db/creds/bad')
    expect(dataOf(await at.ask('read', 'sys/leases', { type: 'irrevocable' }))['lease_count']).toBe(0)
  })

  it('that is gone already counts as revoked, whatever its role says', async () => {
    await demand('write', 'db/roles/strict', {
      db_name: 'pg',
      creation_statements: [CREATE],
      revocation_statements: ['DROP ROLE "{{name}}"'],
    })
    const made = await demand('read', 'db/creds/strict')
    await server.query(`DROP ROLE "${String(dataOf(made)['username'])}"`)
    await demand('write', 'sys/leases/revoke', { lease_id: leaseOf(made) })
  })

  it('ends at the database where it was made, though its role has moved', async () => {
    const made = await demand('read', 'db/creds/app')
    await demand('write', 'db/roles/app', { db_name: 'elsewhere', revocation_statements: ['GRANT'] })
    await demand('write', 'sys/leases/revoke', { lease_id: leaseOf(made) })
    expect(await users()).toEqual([])
  })

  it('ends with the token that asked for it', async () => {
    await demand('write', 'sys/policies/acl/app', { policy: 'path "db/creds/app" { capabilities = ["read"] }' })
    const { client_token: token } = authOf(await demand('write', 'auth/token/create', { policies: ['app'] }))
    await demand('read', 'db/creds/app', {}, { token })
    await demand('write', 'auth/token/revoke', { token })
    await eventually(async () => (await users()).length === 0)
  })

  it('is one of many that a prefix ends at once', async () => {
    await Promise.all(Array.from({ length: 200 }, () => demand('read', 'db/creds/app')))
    expect((await users()).length).toBe(200)
    await demand('write', 'sys/leases/revoke-prefix/db/creds/app')
    expect(await users()).toEqual([])
  })
})

describe('a connection', () => {
  it('with users that are leased is deleted only by force', async () => {
    const made = await demand('read', 'db/creds/app')
    expect(refused(await at.ask('delete', 'db/config/pg'))).toContain('still leased')
    await demand('write', 'sys/leases/revoke', { lease_id: leaseOf(made) })
    await demand('delete', 'db/config/pg')
    expect((await at.ask('read', 'db/config/pg')).status).toBe(404)
  })

  it('keeps working when the change of its own password was cut off', async () => {
    await server.query(`CREATE ROLE boss SUPERUSER LOGIN PASSWORD 'first'`)
    await demand('write', 'db/config/pg', { username: 'boss', password: 'first' })
    proxy.cutAt('ALTER ROLE')
    // It is made again, and stands.
    await demand('write', 'db/rotate-root/pg')
    await demand('write', 'db/reset/pg')
    expect(await logsIn('boss', 'first')).toBe(false)
    proxy.cutAt('ALTER ROLE', true)
    expect((await at.ask('write', 'db/rotate-root/pg')).status).toBe(500)
    proxy.heal()
    await eventually(async () => (await at.ask('write', 'db/reset/pg')).status === 204)
    await demand('read', 'db/creds/app')
    await demand('write', 'sys/leases/revoke-prefix/db')
    await demand('delete', 'db/config/pg')
    await server.query('DROP ROLE boss')
  })

  it('is opened anew with all others of its plugin', async () => {
    const answer = await demand('write', 'db/reload/postgresql-database-plugin')
    expect(dataOf(answer)).toEqual({ connections: ['pg'], count: 1 })
  })
})

describe('a static role', () => {
  const passwordOf = async (): Promise<string> => String(dataOf(await demand('read', 'db/static-creds/s'))['password'])
  beforeEach(async () => {
    await server.query(`CREATE ROLE "v-static" LOGIN PASSWORD 'first'`)
  })

  it('has its password changed when its period is over, and not before', async () => {
    await demand('write', 'db/static-roles/s', { db_name: 'pg', username: 'v-static', rotation_period: '1h' })
    const first = await passwordOf()
    expect(await logsIn('v-static', first)).toBe(true)
    await at.pass(3500)
    expect(await passwordOf()).toBe(first)
    await at.pass(101)
    await eventually(async () => (await passwordOf()) !== first)
    expect(await logsIn('v-static', await passwordOf())).toBe(true)
    expect(await logsIn('v-static', first)).toBe(false)
  })

  it('has it changed by a schedule, within its window only', async () => {
    // It is 2026-01-01 00:00:00, a Thursday.
    await demand('write', 'db/static-roles/s', {
      db_name: 'pg',
      username: 'v-static',
      rotation_schedule: '0 3 * * FRI',
      rotation_window: '1h',
    })
    expect(dataOf(await demand('read', 'db/static-creds/s'))).toMatchObject({
      rotation_schedule: '0 3 * * FRI',
      rotation_window: 3600,
      ttl: 97_200,
    })
    const first = await passwordOf()
    await server.stop()
    await at.pass(97_200 + 1800) // Friday, 03:30
    await at.pass(3600) // 04:30: the window is over
    await server.start()
    await at.pass(60)
    expect(await passwordOf()).toBe(first)
  })

  it('loses no password when the database is cut off on the way, nor in a crash', async () => {
    await demand('write', 'db/static-roles/s', { db_name: 'pg', username: 'v-static', rotation_period: '1h' })
    const first = await passwordOf()
    proxy.cutAt('ALTER ROLE', true)
    expect(refused(await at.ask('write', 'db/rotate-role/s'))).toContain('unable to finish rotating credentials')
    expect(await passwordOf()).toBe(first)
    await until(async () => !(await logsIn('v-static', first)))
    await demand('write', 'sys/seal')
    proxy.heal()
    for (const key of at.keys) await at.server.core.operator.unseal(key)
    await eventually(async () => (await passwordOf()) !== first)
    expect(await logsIn('v-static', await passwordOf())).toBe(true)
  })

  it.each([
    [{ rotation_period: '1h', rotation_schedule: '* * * * *' }, 'mutually exclusive'],
    [{ rotation_schedule: 'sometimes' }, 'could not parse rotation_schedule'],
    [{ rotation_period: '1h', rotation_window: '1h' }, 'only valid with rotation_schedule'],
    [{ rotation_schedule: '* * * * *', rotation_window: '1m' }, 'rotation_window must be 3600 seconds or more'],
  ])('refuses %o', async (times, why) => {
    const answer = await at.ask('write', 'db/static-roles/s', { db_name: 'pg', username: 'v-static', ...times })
    expect(refused(answer)).toContain(why)
  })
})

describe('the advisories about databases', () => {
  it('CVE-2026-39946: names of schemas, users and roles are quoted in revocations', async () => {
    const odd = `odd"; DROP TABLE accounts; --'é`
    const quoted = `"${odd.replaceAll('"', '""')}"`
    await server.query(`CREATE ROLE limited CREATEROLE LOGIN PASSWORD 'pw'`)
    await server.query(`CREATE SCHEMA ${quoted} AUTHORIZATION limited`)
    await server.query(`CREATE TABLE ${quoted}.things (id int)`)
    await server.query(`ALTER TABLE ${quoted}.things OWNER TO limited`)
    // Not a superuser: it cannot hand over what others own, so its grants are taken back one by one.
    await demand('write', 'db/config/limited', {
      plugin_name: 'postgresql-database-plugin',
      connection_url: server.url(),
      username: 'limited',
      password: 'pw',
      allowed_roles: '*',
      username_template: `v-{{.DisplayName}}"; DROP TABLE accounts; --'{{random 5}}`,
    })
    const grants = [`GRANT USAGE ON SCHEMA ${quoted} TO "{{name}}"`, `GRANT SELECT ON ALL TABLES IN SCHEMA ${quoted} TO "{{name}}"`]
    await demand('write', 'db/roles/odd', { db_name: 'limited', creation_statements: [CREATE, ...grants] })
    const made = await demand('read', 'db/creds/odd')
    expect(await users()).toEqual([dataOf(made)['username']])
    await demand('write', 'sys/leases/revoke', { lease_id: leaseOf(made) })
    expect(await users()).toEqual([])
    expect(await server.query(`SELECT tablename FROM pg_tables WHERE tablename IN ('accounts', 'things')`)).toHaveLength(2)
    await server.query(`DROP SCHEMA ${quoted} CASCADE`)
    await server.query('DROP ROLE limited')
  })

  it('CVE-2025-4166 and the like: no error shows a password', async () => {
    const said: string[] = []
    const note = (answer: Answered): void => void said.push(refused(answer))
    const config = { plugin_name: 'postgresql-database-plugin', username: 'root', password: 'marked-7f3a@x', allowed_roles: '*' }
    const urls = [
      'postgresql://[marked-7f3a',
      'host=marked-7f3a"x\'',
      server.url(),
      'postgresql://root:marked-7f3a@127.0.0.1:1/x',
      'postgresql://root:%zz@h/marked-7f3a?sslmode=marked-7f3a',
    ]
    for (const connection_url of urls) note(await at.ask('write', 'db/config/no', { ...config, connection_url }))
    for (const word of [
      'max_open_connections',
      'disable_escaping',
      'max_connection_lifetime',
      'username_template',
      'password_authentication',
      'tls_ca',
    ])
      note(await at.ask('write', 'db/config/no', { ...config, connection_url: server.url(), [word]: { a: 'marked-7f3a' } }))
    // The database itself quotes what it does not understand.
    await demand('write', 'db/roles/leaky', { db_name: 'pg', creation_statements: [`CREATE ROLE "{{name}}" PASSWORD {{password}}`] })
    const leaky = await at.ask('read', 'db/creds/leaky')
    note(leaky)
    expect(refused(leaky)).toMatch(/\[password\]|not safe there|syntax error at or near "[A-Za-z0-9]{1,20}"/)
    expect(said.join('\n')).not.toContain('marked-7f3a')
    expect(said.join('\n')).not.toContain(server.password)
    expect(said).toHaveLength(urls.length + 7)
  })
})
