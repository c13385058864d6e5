import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { systemClock } from '../../../../../../src/kernel/index.ts'
import type { ConnectionDetails, Database } from '../../../../../../src/server/engines/database/plugin/index.ts'
import { mysql } from '../../../../../../src/server/engines/database/plugins/mysql/index.ts'
import { selfSigned } from '../../../../../client/certificate.ts'
import { realRandom } from '../../../../../conformance/engine-replay.ts'
import { startMariaDb, type MariaDb } from '../../../../../contract/harness/mariadb.ts'

const ports = { clock: systemClock, random: realRandom }
const forEver = new AbortController().signal
const soon = new Date('2099-01-02T03:04:05Z')
let server: MariaDb
let database: Database
beforeAll(async () => {
  server = await startMariaDb()
  database = await open()
})
afterAll(async () => {
  await database?.close()
  await server?.remove()
})

const details = (more: ConnectionDetails = {}): ConnectionDetails => ({
  connection_url: server.url(),
  username: server.username,
  password: server.password,
  ...more,
})
const open = (more: ConnectionDetails = {}): Promise<Database> => mysql.open(details(more), ports)
const CREATE = ["CREATE USER '{{name}}'@'%' IDENTIFIED BY '{{password}}'; GRANT SELECT ON payments.* TO '{{name}}'@'%'"]
const create = (username: string, password = 'secret-of-a-user', statements = CREATE, on = database): Promise<void> =>
  on.createUser({ username, credential: { type: 'password', password }, expiration: soon, statements }, forEver)
const verified = async (more: ConnectionDetails): Promise<string> => {
  try {
    const at = await open(more)
    try {
      await at.verify(forEver)
      return 'connected'
    } finally {
      await at.close()
    }
  } catch (cause) {
    return (cause as Error).message
  }
}
const hosts = async (user: string): Promise<readonly unknown[]> =>
  (await server.query('SELECT Host FROM mysql.user WHERE User = ?', [user])).map(it => it['Host'])

describe('a user', () => {
  it('is made, changes its password, and is gone', async () => {
    await create('one')
    expect(await database.hasUser('one', forEver)).toBe(true)
    expect(await server.login('one', 'secret-of-a-user')).toBe(true)
    await database.changeCredential('one', { type: 'password', password: 'another' }, [], forEver)
    expect(await server.login('one', 'secret-of-a-user')).toBe(1045)
    expect(await server.login('one', 'another')).toBe(true)
    await database.renewUser('one', soon, [], forEver)
    await database.deleteUser('one', [], forEver)
    expect(await database.hasUser('one', forEver)).toBe(false)
    expect(await server.login('one', 'another')).toBe(1045)
    await database.deleteUser('one', [], forEver)
  })

  it.each(["o'brien", 'back\\slash', 'tick`ed', 'dou"ble', "x'@'%'; DROP TABLE payments.orders; -- ", 'ünï;cödé', '\\', "'", '%'])(
    'may be called %s and have such a password, and nothing else happens',
    async name => {
      await create(name, name)
      expect(await hosts(name)).toEqual(['%'])
      expect(await server.login(name, name)).toBe(true)
      await database.changeCredential(name, { type: 'password', password: `${name}2` }, [], forEver)
      expect(await server.login(name, `${name}2`)).toBe(true)
      await database.deleteUser(name, [], forEver)
      expect(await hosts(name)).toEqual([])
      expect(await server.query('SELECT COUNT(*) AS n FROM payments.orders')).toEqual([{ n: 1 }])
    },
  )

  it('is gone from every host that the role put it on, without a word of the role about it', async () => {
    await create('spread', 'p', ["CREATE USER '{{name}}'@'localhost'; CREATE USER '{{name}}'@'10.%'"])
    expect(await hosts('spread')).toHaveLength(2)
    await database.deleteUser('spread', [], forEver)
    expect(await hosts('spread')).toEqual([])
  })

  it('is gone by the statements of the role, if it has some', async () => {
    await create('by-word', 'p', ["CREATE USER '{{name}}'@'localhost'"])
    await database.deleteUser('by-word', ["DROP USER '{{name}}'@'localhost'"], forEver)
    expect(await hosts('by-word')).toEqual([])
    await expect(database.deleteUser('by-word', ["DROP USER '{{name}}'@'localhost'"], forEver)).rejects.toThrow('Error 1396 (HY000)')
  })

  it('loses the sessions that it has', async () => {
    await create('busy', 'p')
    const theirs = await mysql.open(details({ username: 'busy', password: 'p' }), ports)
    await theirs.verify(forEver)
    await database.deleteUser('busy', [], forEver)
    const left = await server.query("SELECT COUNT(*) AS n FROM information_schema.PROCESSLIST WHERE USER = 'busy' AND COMMAND <> 'Killed'")
    expect(left).toEqual([{ n: 0 }])
    await expect(theirs.verify(forEver)).rejects.toThrow(/error verifying - ping/)
    await theirs.close()
  })

  it('is seen also by somebody who may not read the table of users', async () => {
    await server.query("CREATE USER maker@'%' IDENTIFIED BY 'p'")
    await server.query("GRANT CREATE USER ON *.* TO maker@'%'")
    const maker = await open({ username: 'maker', password: 'p' })
    await create('made', 'p', ["CREATE USER '{{name}}'@'%'"], maker)
    // SHOW GRANTS is not for them either, on MariaDB: then the error says so, and nothing is guessed.
    await expect(maker.hasUser('made', forEver)).rejects.toThrow(/Error 1044|denied/)
    await server.query('GRANT SELECT ON mysql.* TO maker')
    expect(await maker.hasUser('made', forEver)).toBe(true)
    expect(await maker.hasUser('nobody', forEver)).toBe(false)
    await maker.deleteUser('made', [], forEver)
    expect(await hosts('made')).toEqual([])
    await maker.close()
  })
})

describe('what is refused', () => {
  it.each([
    [[], 'empty creation statements'],
    [['bogus'], /^Error 1064 \(42000\): You have an error in your SQL syntax/],
    [['SELECT {{password}}'], 'not safe there'],
  ])('%j: %s', async (statements, why) => {
    await expect(create('no', "p'", statements)).rejects.toThrow(why)
  })

  it('never carries the statement along', async () => {
    const cause = await create('no', 'planted-secret', ["bogus '{{password}}' /* planted-secret */"]).catch((error: unknown) => error)
    expect((cause as Error).cause).toBeUndefined()
    expect(Object.keys(cause as Error)).not.toContain('sql')
  })
})

describe('the connection', () => {
  it.each([
    [{}, 'connected'],
    [{ connection_url: '' }, 'connection_url cannot be empty'],
    [{ password: 'wrong' }, "error verifying - ping: Error 1045 (28000): Access denied for user 'admin'@'127.0.0.1' (using password: YES)"],
    [
      { connection_url: '{{username}}:{{password}}@tcp(127.0.0.1:1)/' },
      'error verifying - ping: dial tcp 127.0.0.1:1: connect: connection refused',
    ],
    [
      { connection_url: 'x' },
      'error verifying - connection: unable to parse connectionURL: invalid DSN: missing the slash separating the database name',
    ],
    [{ connection_url: '{{username}}@tcp(127.0.0.1:x)/' }, 'error verifying - ping: dial tcp: lookup tcp/x: unknown port'],
    [
      { connection_url: 'mysql://{{username}}@127.0.0.1/x' },
      "error verifying - connection: unable to parse connectionURL: default addr for network '127.0.0.1' unknown",
    ],
    [{ tls_ca: 'x' }, 'failed to append CA to client options'],
    [{ tls_certificate_key: 'x' }, 'unable to load tls_certificate_key_data: tls: failed to find any PEM data in certificate input'],
  ])('%j: %s', async (more, expected) => {
    expect(await verified(more)).toBe(expected)
  })

  it.each([
    ['nodb', '', "error verifying - ping: Error 1049 (42000): Unknown database 'nodb'"],
    ['payments', 'sql_mode=ANSI&collation=utf8mb4_bin&timeout=5s&parseTime=true', 'connected'],
    ['', 'bogus=1', "error verifying - ping: Error 1193 (HY000): Unknown system variable 'bogus'"],
    ['', 'timeout=x', 'error verifying - connection: unable to parse connectionURL: time: invalid duration "x"'],
    ['', 'tls=bogus', 'error verifying - connection: unable to parse connectionURL: invalid value / unknown config name: bogus'],
    ['', 'tls=skip-verify', 'connected'],
    ['', 'tls=preferred', 'connected'],
  ])('to %j with %j: %s', async (name, parameters, expected) => {
    expect(await verified({ connection_url: server.url(name, parameters) })).toBe(expected)
  })

  it('is verified by the given CA and the name in the certificate', async () => {
    expect(await verified({ tls_ca: server.ca })).toBe('connected')
    expect(await verified({ tls_ca: server.ca, tls_server_name: 'localhost' })).toBe('connected')
    expect(await verified({ tls_ca: server.ca, connection_url: server.url().replace('127.0.0.1', 'localhost') })).toBe('connected')
    expect(await verified({ tls_ca: server.ca, tls_server_name: 'wrong.example' })).toContain('error verifying - ping: ')
    expect(await verified({ tls_ca: server.ca, tls_server_name: '127.0.0.9' })).toContain('error verifying - ping: ')
    expect(await verified({ tls_ca: selfSigned().cert })).toContain('error verifying - ping: ')
    expect(await verified({ tls_ca: selfSigned().cert, tls_skip_verify: true })).toBe('connected')
    expect(await verified({ connection_url: server.url('', 'tls=true') })).toContain('error verifying - ping: ')
  })

  it('shows a certificate of its own where it is asked for one', async () => {
    const { cert, key } = server.client
    const guarded = { username: 'guarded', tls_ca: server.ca }
    expect(await verified({ ...guarded, tls_certificate_key: cert + key })).toBe('connected')
    expect(await verified(guarded)).toContain('Error 1045 (28000)')
    expect(await verified({ ...guarded, tls_certificate_key: cert + selfSigned().key })).toContain('private key does not match public key')
  })

  it('never opens more than it may, however many ask', async () => {
    const few = await open({ max_open_connections: 2, username: 'rotated', password: 'to-be-changed' })
    let most = 0
    const counting = Promise.all(Array.from({ length: 12 }, (_, i) => create(`crowd-${i}`, 'p', CREATE, few)))
    const ended = new AbortController()
    void counting.finally(() => ended.abort())
    while (!ended.signal.aborted) {
      const [row] = await server.query("SELECT COUNT(*) AS n FROM information_schema.PROCESSLIST WHERE USER = 'rotated'")
      most = Math.max(most, Number(row?.['n']))
    }
    expect(most).toBeGreaterThan(0)
    expect(most).toBeLessThanOrEqual(2)
    await Promise.all(Array.from({ length: 12 }, (_, i) => few.deleteUser(`crowd-${i}`, [], forEver)))
    await few.close()
  })

  it('comes back when the server does', async () => {
    await database.verify(forEver)
    await server.stop()
    await expect(database.verify(forEver)).rejects.toThrow('error verifying - ping: ')
    await server.start()
    await database.verify(forEver)
  })

  it('ends a wait with the signal', async () => {
    const stop = new AbortController()
    const waiting = create('slow', 'p', ['SELECT SLEEP(60)']).catch(() => 'other')
    const stopped = database.createUser(
      { username: 'slow', credential: { type: 'password', password: 'p' }, expiration: soon, statements: ['SELECT SLEEP(60)'] },
      stop.signal,
    )
    stop.abort(new Error('enough'))
    await expect(stopped).rejects.toThrow('enough')
    for (const { ID } of await server.query("SELECT ID FROM information_schema.PROCESSLIST WHERE INFO LIKE 'SELECT SLEEP%'")) {
      await server.query(`KILL ${String(ID)}`)
    }
    await waiting
  })
})
