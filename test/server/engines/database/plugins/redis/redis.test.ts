import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { systemClock } from '../../../../../../src/kernel/index.ts'
import type { ConnectionDetails, Database } from '../../../../../../src/server/engines/database/plugin/index.ts'
import { redis, valkey } from '../../../../../../src/server/engines/database/plugins/redis/index.ts'
import { selfSigned } from '../../../../../client/certificate.ts'
import { realRandom } from '../../../../../conformance/engine-replay.ts'
import { startRedis, startValkey, type Redis } from '../../../../../contract/harness/redis.ts'

const ports = { clock: systemClock, random: realRandom }
const forEver = new AbortController().signal
const soon = new Date('2099-01-02T03:04:05Z')

describe.each([
  ['Redis', redis, startRedis],
  ['Valkey', valkey, startValkey],
])('%s', (_, plugin, start) => {
  let server: Redis
  let database: Database
  beforeAll(async () => {
    server = await start()
    database = await open()
  })
  afterAll(async () => {
    await database?.close()
    await server?.remove()
  })
  const details = (more: ConnectionDetails = {}): ConnectionDetails => ({
    host: '127.0.0.1',
    port: server.port,
    username: server.username,
    password: server.password,
    ...more,
  })
  const open = (more: ConnectionDetails = {}): Promise<Database> => plugin.open(details(more), ports)
  const create = (username: string, password = 'secret-of-a-user', statements: readonly string[] = []): Promise<void> =>
    database.createUser({ username, credential: { type: 'password', password }, expiration: soon, statements }, forEver)
  const verified = async (given: ConnectionDetails): Promise<string> => {
    try {
      const at = await plugin.open(given, ports)
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

  describe('a user', () => {
    it('is made, changes its password, and is gone', async () => {
      await create('one')
      expect(await database.hasUser('one', forEver)).toBe(true)
      const as = { username: 'one', password: 'secret-of-a-user' }
      expect(await server.command(['GET', 'x'], as)).toBe(null)
      expect(await server.command(['SET', 'x', '1'], as)).toMatch(/NOPERM|no permissions/)
      await database.changeCredential('one', { type: 'password', password: 'another' }, [], forEver)
      expect(await server.command(['GET', 'x'], as)).toMatch(/WRONGPASS|invalid/)
      expect(await server.command(['GET', 'x'], { ...as, password: 'another' })).toBe(null)
      await database.renewUser('one', soon, [], forEver)
      await database.deleteUser('one', ['ignored'], forEver)
      expect(await database.hasUser('one', forEver)).toBe(false)
      await database.deleteUser('one', [], forEver)
    })

    it.each(['with "quotes"', "it's", 'a;b', 'ünï', '>x', '+@all', '~*'])('may be called %s, and gets no right by it', async name => {
      if (name.includes(' ')) {
        await expect(create(name)).rejects.toThrow('response returned from Conn: ')
        return
      }
      await create(name, name, ['["~app:*","+get"]'])
      const listed = (await server.command(['ACL', 'LIST'])) as readonly string[]
      expect(listed.filter(line => line.includes('+@all'))).toHaveLength(name === '+@all' ? 2 : 1)
      expect(await server.command(['GET', 'app:1'], { username: name, password: name })).toBe(null)
      expect(await server.command(['GET', 'other'], { username: name, password: name })).toMatch(/NOPERM|no permissions/)
      await database.deleteUser(name, [], forEver)
    })

    it('has what the first statement lists, or what they are', async () => {
      await create('listed', 'p', ['["~app:*","+@read"]', 'ignored'])
      await create('worded', 'p', ['~app:*', ' +@read '])
      const lines = (await server.command(['ACL', 'LIST'])) as readonly string[]
      const rights = (name: string): string | undefined =>
        lines.find(line => line.startsWith(`user ${name} `))?.replace(`user ${name} `, '')
      expect(rights('listed')).toBe(rights('worded'))
      expect(rights('listed')).toContain('~app:*')
      await database.deleteUser('listed', [], forEver)
      await database.deleteUser('worded', [], forEver)
    })

    it('is not there when one of its rules is none', async () => {
      await expect(create('half', 'p', ['["+@read","bogus"]'])).rejects.toThrow(
        "response returned from Conn: ERR Error in ACL SETUSER modifier 'bogus': Syntax error",
      )
      expect(await database.hasUser('half', forEver)).toBe(false)
      await expect(database.changeCredential('half', { type: 'password', password: 'p' }, [], forEver)).rejects.toThrow(
        'changeUserPassword for user half failed: user not found',
      )
    })
  })

  describe('the connection', () => {
    it.each([
      [{}, 'connected'],
      [{ host: '' }, 'host cannot be empty'],
      [{ port: 0 }, 'port cannot be empty'],
      [{ username: '' }, 'username cannot be empty'],
      [{ password: '' }, 'password cannot be empty'],
      [{ port: 70_000 }, 'error verifying connection: dial tcp: address 70000: invalid port'],
      [
        { port: 'x' },
        "decoding failed due to the following error(s):\n\n'port' cannot parse value as 'int': strconv.ParseInt: invalid syntax",
      ],
      [{ port: 1 }, 'error verifying connection: dial tcp 127.0.0.1:1: connect: connection refused'],
      [
        { password: 'wrong' },
        'error verifying connection: response returned from Conn: WRONGPASS invalid username-password pair or user is disabled.',
      ],
      [{ tls: true }, 'ca_cert cannot be empty'],
      [{ tls: true, ca_cert: 'x' }, 'error verifying connection: failed to parse root certificate'],
      [{ ca_cert: 'x' }, 'connected'],
      [{ connection_url: 'redis://a' }, 'cannot specify both connection_url and individual connection parameters'],
    ])('by %j: %s', async (more, expected) => {
      expect(await verified(details(more))).toBe(expected)
    })

    it('can be told by a URL', async () => {
      const at = (scheme: string, port: number, who = `default:${server.password}@`): string => `${scheme}://${who}127.0.0.1:${port}`
      expect(await verified({ connection_url: at('redis', server.port) })).toBe('connected')
      expect(await verified({ connection_url: at('redis', server.port, '') })).toContain('NOAUTH')
      expect(await verified({ connection_url: at('rediss', server.tlsPort), ca_cert: server.ca })).toBe('connected')
      expect(await verified({ connection_url: at('rediss', server.tlsPort) })).toContain('error verifying connection: ')
      expect(await verified({ connection_url: 'x' })).toContain('connection_url must look like')
    })

    it('is verified by the given CA and the name in the certificate', async () => {
      const tls = details({ tls: true, port: server.tlsPort, ca_cert: server.ca })
      expect(await verified(tls)).toBe('connected')
      expect(await verified({ ...tls, host: 'localhost' })).toBe('connected')
      expect(await verified({ ...tls, ca_cert: selfSigned().cert })).toContain('error verifying connection: ')
      expect(await verified({ ...tls, ca_cert: selfSigned().cert, insecure_tls: true })).toBe('connected')
      expect(await verified(details({ port: server.tlsPort }))).toContain('error verifying connection: ')
    })

    it('comes back when the server does', async () => {
      await database.verify(forEver)
      await server.stop()
      await expect(create('lost')).rejects.toThrow(/response returned from Conn: EOF|connection refused/)
      await server.start()
      await create('found')
      expect(await database.hasUser('found', forEver)).toBe(true)
    })
  })
})
