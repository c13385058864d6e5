import { startRedis, startValkey, type Redis } from './harness/redis.ts'
import { beside, del, get, post, scenario, type Area, type Companion, type Scenario, type Step } from './harness/scenario.ts'

/** A name and a password by chance; what comes of them is looked at in the server. */
const chance = { except: ['data.username', 'data.password', 'lease_id'] }

async function servers(): Promise<Companion> {
  const [redis, valkey] = await Promise.all([startRedis(), startValkey()])
  for (const server of [redis, valkey]) {
    for (const name of ['app', 'rooted']) await server.command(['ACL', 'SETUSER', name, 'ON', '>not-rotated-yet', '~*', '+@all'])
  }
  return {
    variables: {
      password: redis.password,
      redisPort: String(redis.port),
      redisTls: String(redis.tlsPort),
      redisCa: redis.ca,
      redisUrl: `redis://default:${redis.password}@127.0.0.1:${redis.port}`,
      valkeyPort: String(valkey.port),
      valkeyTls: String(valkey.tlsPort),
      valkeyCa: valkey.ca,
      valkeyUrl: `redis://default:${valkey.password}@127.0.0.1:${valkey.port}`,
    },
    /** What somebody may read. */
    async act(what) {
      const [which, , username = '', password = ''] = what.split(' ')
      const answer = await (which === 'redis' ? redis : valkey).command(['GET', 'app:1'], { username, password })
      return { name: alike(username), answer: typeof answer === 'string' ? alike(answer) : answer }
    },
    state: async () => ({ redis: await users(redis), valkey: await users(valkey) }),
    stop: async () => void (await Promise.all([redis.remove(), valkey.remove()])),
  }
}

const alike = (text: string): string => text.replace(/_[A-Z0-9]{20}_\d{10}\b/g, '_<random>').replace(/#[0-9a-f]{64}/g, '#<hash>')

/** The server's own list of users, with names and hashes by chance made alike. */
const users = async (server: Redis): Promise<readonly string[]> =>
  ((await server.command(['ACL', 'LIST'])) as readonly string[]).map(alike).toSorted()

function about(name: 'redis' | 'valkey'): readonly Scenario[] {
  const config = (at: string, more: object = {}): Step =>
    post(`database/config/${at}`, {
      plugin_name: `${name}-database-plugin`,
      allowed_roles: '*',
      host: '127.0.0.1',
      port: `<${name}Port>`,
      username: 'default',
      password: '<password>',
      ...more,
    })
  const bad = (more: object): readonly Step[] => [del('database/config/bad'), config('bad', more)]
  const role = (statements: unknown): Step =>
    post(`database/roles/${name}-app`, { db_name: name, default_ttl: '1h', creation_statements: statements })
  const creds = (): Step =>
    get(`database/creds/${name}-app`, { ...chance, save: { user: 'data.username', userPassword: 'data.password', lease: 'lease_id' } })
  const revoke = (): Step => post('sys/leases/revoke', { lease_id: '<lease>', sync: true })
  const rights = beside(`${name} get <user> <userPassword>`)
  const tls = { tls: true, port: `<${name}Tls>` }
  return [
    scenario(
      `connections of ${name}`,
      config(name),
      get(`database/config/${name}`, { except: ['data.connection_details.port'] }),
      ...bad({ host: '' }),
      ...bad({ port: 0 }),
      ...bad({ port: 'x' }),
      ...bad({ port: 70_000 }),
      ...bad({ port: 1 }),
      ...bad({ username: '' }),
      ...bad({ password: '' }),
      ...bad({ password: 'wrong' }),
      ...bad({ tls: true }),
      ...bad({ tls: 'maybe' }),
      ...bad({ tls: true, ca_cert: 'x' }),
      ...bad({ ca_cert: 'x' }),
      ...bad({ ...tls, ca_cert: `<${name}Ca>` }),
      ...bad({ ...tls, ca_cert: `<${name}Ca>`, host: 'localhost' }),
      ...bad({ connection_url: 'redis://127.0.0.1:1' }),
      del('database/config/bad'),
      post(
        'database/config/bad',
        { plugin_name: `${name}-database-plugin`, allowed_roles: '*', connection_url: `<${name}Url>` },
        { except: ['warnings'] },
      ),
      config(`${name}-later`, { port: 1, verify_connection: false }),
      get(`database/config/${name}-later`),
      del(`database/config/${name}-later`),
    ),
    scenario(
      `users of ${name}`,
      post(`database/roles/${name}-app`, { db_name: name, default_ttl: '1h' }),
      creds(),
      rights,
      post('sys/leases/renew', { lease_id: '<lease>' }, chance),
      rights,
      revoke(),
      rights,
      ...['["~app:*","+get"]', ['~app:*', '+get'], '["+@all"]', '[]', ''].flatMap(statements => [
        role(statements),
        creds(),
        rights,
        revoke(),
      ]),
      ...['~* +@read', '["bogus"]', '["+@read"', '[5]'].flatMap(statements => [role(statements), creds()]),
    ),
    scenario(
      `static roles and the root user of ${name}`,
      post(`database/static-roles/${name}-static`, { db_name: name, username: 'app', rotation_period: '1h' }),
      beside(`${name} get app not-rotated-yet`),
      get(`database/static-creds/${name}-static`, { except: ['data.password'], save: { app1: 'data.password' } }),
      beside(`${name} get app <app1>`),
      post(`database/rotate-role/${name}-static`),
      beside(`${name} get app <app1>`),
      config(`${name}-rooted`, { username: 'rooted', password: 'not-rotated-yet' }),
      post(`database/rotate-root/${name}-rooted`),
      beside(`${name} get rooted not-rotated-yet`),
      post(`database/roles/${name}-rooted`, { db_name: `${name}-rooted`, default_ttl: '1h' }),
      get(`database/creds/${name}-rooted`, chance),
      post('sys/leases/revoke-prefix/database', { sync: true }),
    ),
  ]
}

export const databaseRedis: Area = {
  name: 'database: Redis and Valkey',
  server: 'dev',
  companion: servers,
  scenarios: [scenario('the mount', post('sys/mounts/database', { type: 'database' })), ...about('redis'), ...about('valkey')],
}
