import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { ManualClock } from '../../../../../../src/kernel/index.ts'
import type { ConnectionDetails, Database } from '../../../../../../src/server/engines/database/plugin/index.ts'
import { postgresql } from '../../../../../../src/server/engines/database/plugins/postgresql/index.ts'
import { realRandom } from '../../../../../conformance/engine-replay.ts'
import { startPostgres, type Postgres } from '../../../../../contract/harness/postgres.ts'

const never = new AbortController().signal
const NEW = [`CREATE ROLE "{{name}}" LOGIN PASSWORD '{{password}}' VALID UNTIL '{{expiration}}'`, 'GRANT SELECT ON accounts TO "{{name}}"']
const tomorrow = new Date('2126-01-02T15:04:05.678Z')

describe('the PostgreSQL plugin', () => {
  let server: Postgres
  const opened: Database[] = []
  beforeAll(async () => {
    server = await startPostgres()
    await server.query('CREATE TABLE accounts (id int)')
  })
  afterAll(async () => {
    await Promise.all(opened.map(it => it.close()))
    await server.remove()
  })

  const open = async (more: ConnectionDetails = {}): Promise<Database> => {
    const { username, password } = server
    const ports = { clock: new ManualClock(new Date()), random: realRandom }
    const database = await postgresql.open({ connection_url: server.url(), username, password, ...more }, ports)
    opened.push(database)
    return database
  }
  const create = (database: Database, username: string, password: string, statements: readonly string[] = NEW): Promise<void> =>
    database.createUser({ username, credential: { type: 'password', password }, expiration: tomorrow, statements }, never)
  const logsIn = async (username: string, password: string): Promise<boolean> => {
    const as = await open({ username, password })
    return as.verify(never).then(
      () => true,
      () => false,
    )
  }

  it.each([
    ['in clear', 'sslmode=disable'],
    ['encrypted', 'sslmode=require'],
    ['as the server likes it', ''],
    ['in clear first', 'sslmode=allow'],
  ])('connects %s', async (_, parameters) => {
    await (await open({ connection_url: server.url('postgres', parameters) })).verify(never)
  })

  it('holds a server to its certificate, and to the name in it', async () => {
    const connection_url = server.url('postgres', 'sslmode=verify-full')
    await (await open({ connection_url, tls_ca: server.ca })).verify(never)
    await expect((await open({ connection_url })).verify(never)).rejects.toThrow(
      /^error verifying connection: failed to connect to .*tls error/,
    )
    const other = await open({ connection_url, tls_ca: server.client.cert })
    await expect(other.verify(never)).rejects.toThrow(/tls error/)
  })

  it('shows a certificate of its own where the server wants one', async () => {
    const connection_url = server.url('guarded', 'sslmode=verify-ca')
    const { cert, key } = server.client
    await (await open({ connection_url, tls_ca: server.ca, tls_certificate: cert, private_key: key })).verify(never)
    await expect((await open({ connection_url, tls_ca: server.ca })).verify(never)).rejects.toThrow(/certificate/)
  })

  it('reads keywords and values, and any password', async () => {
    const database = await open()
    const password = `a'b"c\\d {{name}} %41@/:;--$$ ü`
    await create(database, 'keywords', password)
    const words = `host=127.0.0.1 port=${server.port} user={{username}} password={{password}} dbname=postgres sslmode=disable`
    await (await open({ connection_url: words, username: 'keywords', password })).verify(never)
    expect(await logsIn('keywords', password)).toBe(true)
    await database.deleteUser('keywords', [], never)
  })

  it.each(['md5', 'scram-sha-256'])('makes a user that can log in, renews and deletes it (%s)', async word => {
    const database = await open(word === 'md5' ? {} : { password_authentication: word })
    await create(database, 'one', 'first password')
    expect(await database.hasUser('one', never)).toBe(true)
    expect(await logsIn('one', 'first password')).toBe(true)
    await database.renewUser('one', new Date('2127-01-01T00:00:00Z'), [], never)
    const [role] = await server.query(`SELECT rolvaliduntil::text AS until FROM pg_roles WHERE rolname = 'one'`)
    expect(role?.['until']).toMatch(/^2127-01-01/)
    await database.changeCredential('one', { type: 'password', password: 'second password' }, [], never)
    expect(await logsIn('one', 'first password')).toBe(false)
    expect(await logsIn('one', 'second password')).toBe(true)
    await database.deleteUser('one', [], never)
    await database.deleteUser('one', [], never)
    expect(await database.hasUser('one', never)).toBe(false)
  })

  it('makes all of it or nothing', async () => {
    const database = await open()
    const statements = [...NEW, 'GRANT']
    await expect(create(database, 'half', 'x', statements)).rejects.toThrow('failed to execute query: ERROR: syntax error')
    expect(await database.hasUser('half', never)).toBe(false)
  })

  it.each([
    ['quotes and semicolons', `o"'; DROP ROLE root; --`],
    ['letters of many bytes', 'ü𝄞'.repeat(10)],
    ['as many bytes as a name can have', `${'a'.repeat(61)}ü`],
    ['more bytes than a name can have', 'b'.repeat(100)],
  ])('makes, renews, changes and deletes a user whose name has %s', async (_, name) => {
    const database = await open()
    await create(database, name, 'first')
    expect(await database.hasUser(name, never)).toBe(true)
    await database.renewUser(name, tomorrow, [], never)
    await database.changeCredential(name, { type: 'password', password: 'second' }, [], never)
    expect(await logsIn(name, 'second')).toBe(true)
    await database.deleteUser(name, [], never)
    expect(await database.hasUser(name, never)).toBe(false)
    expect(await server.query(`SELECT rolname FROM pg_roles WHERE rolname !~ '^(pg_|root$)'`)).toEqual([])
  })

  it('hands over what a deleted user owns', async () => {
    const database = await open()
    await create(database, 'owner', 'own', [...NEW, 'GRANT CREATE ON SCHEMA public TO "{{name}}"'])
    await server.query('CREATE TABLE kept (id int)')
    await server.query('ALTER TABLE kept OWNER TO owner')
    await database.deleteUser('owner', [], never)
    expect(await database.hasUser('owner', never)).toBe(false)
    const [table] = await server.query(`SELECT tableowner FROM pg_tables WHERE tablename = 'kept'`)
    expect(table?.['tableowner']).toBe('root')
  })

  it('makes and deletes a crowd that is granted the same, with no more connections than it may have', async () => {
    const users = Array.from({ length: 100 }, (_, i) => `crowd-${i}`)
    const connection_url = server.url('postgres', 'sslmode=disable&application_name=crowd')
    const database = await open({ connection_url, max_open_connections: 2 })
    let most = 0
    const end = new AbortController()
    const watch = async (): Promise<void> => {
      while (!end.signal.aborted) {
        const [row] = await server.query(`SELECT count(*)::int AS n FROM pg_stat_activity WHERE application_name = 'crowd'`)
        most = Math.max(most, Number(row?.['n']))
      }
    }
    const watched = watch()
    await Promise.all(users.map(it => create(database, it, it)))
    const there = await Promise.all(users.map(it => database.hasUser(it, never)))
    expect(there).not.toContain(false)
    expect(await logsIn('crowd-42', 'crowd-42')).toBe(true)
    await Promise.all(users.map(it => database.deleteUser(it, [], never)))
    expect(await Promise.all(users.map(it => database.hasUser(it, never)))).not.toContain(true)
    end.abort()
    await watched
    expect(most).toBe(2)
  })

  it('keeps a password whole that goes together with other statements', async () => {
    const database = await open({ max_open_connections: 2 })
    await create(database, 'leaving', 'x')
    await Promise.all([create(database, 'coming', 'a;b--c', NEW.slice(0, 1)), database.deleteUser('leaving', [], never)])
    expect(await logsIn('coming', 'a;b--c')).toBe(true)
    await database.deleteUser('coming', [], never)
  })

  it('lets one bad statement spoil nothing but itself', async () => {
    const database = await open()
    const made = ['a', 'b', 'c', 'd'].map(it => create(database, it, it, it === 'c' ? [...NEW, 'GRANT x ON y'] : NEW))
    expect((await Promise.allSettled(made)).map(it => it.status)).toEqual(['fulfilled', 'fulfilled', 'rejected', 'fulfilled'])
    await Promise.all(['a', 'b', 'd'].map(it => database.deleteUser(it, [], never)))
  })

  it('retries what another client was in the way of', async () => {
    const [one, two] = [await open(), await open()]
    const users = Array.from({ length: 20 }, (_, i) => `rival-${i}`)
    await Promise.all(users.map((it, i) => create(i % 2 === 0 ? one : two, it, it)))
    await Promise.all(users.map((it, i) => (i % 2 === 0 ? two : one).deleteUser(it, [], never)))
  })

  it('goes to the next host when the first is down, and back when it is up again', async () => {
    const second = await startPostgres()
    try {
      const { username, password } = server
      const at = `postgresql://{{username}}:{{password}}@127.0.0.1:${server.port},127.0.0.1:${second.port}/postgres`
      const database = await open({ connection_url: `${at}?target_session_attrs=read-write`, username, password })
      await create(database, 'moving', 'x')
      await second.query('CREATE TABLE accounts (id int)')
      await server.stop()
      await create(database, 'moved', 'x').catch(() => create(database, 'moved', 'x'))
      expect(await second.query(`SELECT FROM pg_roles WHERE rolname = 'moved'`)).toHaveLength(1)
      await server.start()
      await second.query('ALTER DATABASE postgres SET default_transaction_read_only = on')
      await second.stop()
      await second.start()
      await database.deleteUser('moving', [], never).catch(() => database.deleteUser('moving', [], never))
      expect(await server.query(`SELECT FROM pg_roles WHERE rolname = 'moving'`)).toHaveLength(0)
    } finally {
      await second.remove()
    }
  })

  it('goes on after the server has cut every connection', async () => {
    const database = await open()
    await database.verify(never)
    await server.query(`SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE application_name = 'lockstep'`)
    await server.stop()
    await expect(database.verify(never)).rejects.toThrow(/dial error: dial tcp 127\.0\.0\.1:\d+: connect: connection refused/)
    await server.start()
    await database.verify(never)
  })
})
