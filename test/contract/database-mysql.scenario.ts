import { startMariaDb, type MariaDb } from './harness/mariadb.ts'
import { beside, del, get, list, post, scenario, type Area, type Companion, type Step } from './harness/scenario.ts'

/** A name and a password by chance; what comes of them is looked at in the database. */
const chance = { except: ['data.username', 'data.password', 'lease_id'] }
const creds = (role: string): Step =>
  get(`database/creds/${role}`, { ...chance, save: { user: 'data.username', password: 'data.password', lease: 'lease_id' } })
const revoke = (): Step => post('sys/leases/revoke', { lease_id: '<lease>', sync: true })
const config = (name: string, more: object = {}): Step =>
  post(`database/config/${name}`, {
    plugin_name: 'mysql-database-plugin',
    allowed_roles: '*',
    connection_url: '<url>',
    username: '<admin>',
    password: '<adminPassword>',
    ...more,
  })
const role = (name: string, statements: string | readonly string[], more: object = {}): Step =>
  post(`database/roles/${name}`, { db_name: 'my', creation_statements: statements, default_ttl: '1h', ...more })

const CREATE = "CREATE USER '{{name}}'@'%' IDENTIFIED BY '{{password}}'"
const GRANT = "GRANT SELECT ON payments.* TO '{{name}}'@'%'"

async function database(): Promise<Companion> {
  const server = await startMariaDb()
  await server.query("CREATE USER app@'%' IDENTIFIED BY 'not-rotated-yet'")
  return {
    variables: {
      url: server.url(),
      urlWithPassword: `admin:${server.password}@tcp(127.0.0.1:${server.port})/`,
      urlOfPayments: server.url('payments', 'collation=utf8mb4_bin&parseTime=true'),
      urlWithSkip: server.url('', 'tls=skip-verify'),
      urlWithTls: server.url('', 'tls=preferred'),
      urlOfNone: server.url('none'),
      urlWithVariable: server.url('', 'bogus=1'),
      admin: server.username,
      adminPassword: server.password,
      ca: server.ca,
      pair: server.client.cert + server.client.key,
    },
    act: what => seen(server, what),
    state: () => users(server),
    stop: () => server.remove(),
  }
}

const alike = (text: string): string => text.replace(/-[A-Za-z0-9]{8,}(?:-\d+)?$/, '-<random>')

/** Whether somebody gets in, or what rights somebody has. */
async function seen(server: MariaDb, what: string): Promise<unknown> {
  const [kind, name = '', password = ''] = what.split(' ')
  if (kind === 'login') return { name: alike(name), login: await server.login(name, password) }
  const rows = await server.query('SHOW GRANTS FOR ?@?', [name, '%']).catch(() => [])
  return rows.map(row =>
    String(Object.values(row)[0])
      .replace(name, '<name>')
      .replace(/'\*[0-9A-F]{40}'/, '<hash>'),
  )
}

/** The database's own table of users, with names by chance made alike. */
async function users(server: MariaDb): Promise<readonly string[]> {
  const rows = await server.query("SELECT User, Host FROM mysql.user WHERE User REGEXP '^(v-|x-|app|rotated)'")
  return rows.map(row => `${alike(String(row['User']))}@${String(row['Host'])}`).sort()
}

export const databaseMysql: Area = {
  name: 'database: MySQL',
  server: 'dev',
  companion: database,
  scenarios: [
    scenario(
      'connections',
      post('sys/mounts/database', { type: 'database' }),
      config('my'),
      get('database/config/my'),
      config('my', { max_open_connections: 3, max_idle_connections: '2', max_connection_lifetime: '5m' }),
      get('database/config/my'),
      config('payments', { connection_url: '<urlOfPayments>' }),
      config('inside', { connection_url: '<urlWithPassword>', username: '', password: '' }),
      get('database/config/inside', { except: ['data.connection_details.connection_url'] }),
      config('skip', { connection_url: '<urlWithSkip>' }),
      config('preferred', { connection_url: '<urlWithTls>' }),
      config('ca', { tls_ca: '<ca>', tls_server_name: 'localhost' }),
      config('pair', { tls_ca: '<ca>', tls_server_name: 'localhost', tls_certificate_key: '<pair>', username: 'guarded' }),
      config('unverified', { tls_ca: '<ca>', tls_server_name: 'wrong.example', tls_skip_verify: true }),
      list('database/config'),
      config('bad', { connection_url: '' }),
      config('bad', { password: 'wrong' }),
      config('bad', { connection_url: '{{username}}:{{password}}@tcp(127.0.0.1:1)/' }),
      config('bad', { connection_url: 'nonsense' }),
      config('bad', { connection_url: '{{username}}:{{password}}@tcp(127.0.0.1:x)/' }),
      config('bad', { connection_url: 'mysql://{{username}}:{{password}}@127.0.0.1/x' }),
      config('bad', { connection_url: '<urlOfNone>' }),
      config('bad', { connection_url: '<urlWithVariable>' }),
      config('bad', { max_open_connections: 'x' }),
      config('bad', { max_connection_lifetime: 'x' }),
      config('bad', { username_template: '{{' }),
      config('bad', { tls_ca: 'x' }),
      config('bad', { tls_certificate_key: 'x' }),
      config('bad', { username: '' }),
      config('bad', { password: '' }),
      config('later', { connection_url: '{{username}}:{{password}}@tcp(127.0.0.1:1)/', verify_connection: false }),
      get('database/config/later'),
      role('later', CREATE, { db_name: 'later' }),
      get('database/creds/later'),
      get('database/config/bad'),
    ),
    scenario(
      'users',
      role('app', `${CREATE}; ${GRANT};`),
      creds('app'),
      beside('login <user> <password>'),
      beside('grants <user>'),
      post('sys/leases/renew', { lease_id: '<lease>' }, chance),
      beside('login <user> <password>'),
      revoke(),
      beside('login <user> <password>'),
      role('app', [CREATE, GRANT]),
      creds('app'),
      beside('grants <user>'),
      revoke(),
      role('app', Buffer.from(`${CREATE};`).toString('base64')),
      creds('app'),
      revoke(),
      role('app', JSON.stringify([CREATE, GRANT])),
      creds('app'),
      revoke(),
      role('app', `${CREATE}; ${GRANT}`, { revocation_statements: "DROP USER '{{name}}'@'%'" }),
      creds('app'),
      revoke(),
      role('app', "CREATE USER '{{username}}'@'localhost' IDENTIFIED BY '{{password}}' /* {{expiration}} */", {
        revocation_statements: ["DROP USER '{{username}}'@'localhost'"],
      }),
      creds('app'),
      revoke(),
      role('app', 'SELECT 1', { revocation_statements: [] }),
      creds('app'),
      revoke(),
      role('app', ''),
      creds('app'),
      role('app', 'bogus'),
      creds('app'),
    ),
    scenario(
      'names',
      config('named', { username_template: 'x-{{.RoleName}}-{{unix_time}}' }),
      role('named', CREATE, { db_name: 'named' }),
      ...['mysql-legacy-database-plugin', 'mysql-rds-database-plugin', 'mysql-aurora-database-plugin'].flatMap(plugin => [
        config('short', { plugin_name: plugin }),
        get('database/config/short'),
        role('a-long-name', CREATE, { db_name: 'short' }),
        creds('a-long-name'),
        beside('login <user> <password>'),
        revoke(),
      ]),
    ),
    scenario(
      'static roles and the root user',
      post('database/static-roles/app-static', { db_name: 'my', username: 'app', rotation_period: '1h' }),
      beside('login app not-rotated-yet'),
      get('database/static-creds/app-static', { except: ['data.password'], save: { app1: 'data.password' } }),
      beside('login app <app1>'),
      post('database/rotate-role/app-static'),
      beside('login app <app1>'),
      get('database/static-creds/app-static', { except: ['data.password'], save: { app2: 'data.password' } }),
      beside('login app <app2>'),
      post('database/static-roles/nobody', { db_name: 'my', username: 'nobody', rotation_period: '1h' }),
      del('database/static-roles/app-static'),
      config('rooted', { username: 'rotated', password: 'to-be-changed' }),
      post('database/rotate-root/rooted'),
      beside('login rotated to-be-changed'),
      role('rooted', CREATE, { db_name: 'rooted' }),
      creds('rooted'),
      revoke(),
      post('database/reset/rooted'),
      creds('rooted'),
      revoke(),
      del('database/config/rooted'),
      get('database/creds/rooted'),
    ),
  ],
}
