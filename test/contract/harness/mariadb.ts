/** A MariaDB in a folder of its own, on a free port, with TLS: real, not a stand-in. */
import { spawn, spawnSync, type ChildProcess } from 'node:child_process'
import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout as delay } from 'node:timers/promises'
import { createConnection } from 'mysql2/promise'
import { selfSigned } from '../../client/certificate.ts'
import { debianProgram } from './debian.ts'
import { endProcess, freePort } from './server.ts'

export interface MariaDb {
  readonly port: number
  /** `{{username}}:{{password}}@tcp(127.0.0.1:PORT)/DATABASE` */
  url(database?: string, parameters?: string): string
  readonly username: string
  readonly password: string
  /** PEM: what certifies the server, and a client. */
  readonly ca: string
  readonly client: { readonly cert: string; readonly key: string }
  /** Rows as the superuser sees them. */
  query(text: string, values?: readonly string[]): Promise<readonly Record<string, unknown>[]>
  /** Whether this user gets in; else the number of the error. */
  login(username: string, password: string): Promise<true | number>
  stop(): Promise<void>
  /** Again, on the same port and data. */
  start(): Promise<void>
  remove(): Promise<void>
}

const USERNAME = 'admin'
const PASSWORD = 'admin-of-all-tables'
const PACKAGES = ['mariadb-server-core', 'mariadb-client-core', 'mariadb-common', 'libaio1', 'liburing2', 'libnuma1', 'libpcre2-8-0']

export async function startMariaDb(): Promise<MariaDb> {
  const { path, root, env } = await debianProgram('mariadbd', PACKAGES)
  const shared = join(root, 'usr/share/mysql')
  const home = mkdtempSync(join(tmpdir(), 'lockstep-mariadb-'))
  const data = join(home, 'data')
  const place = (name: string, text: string): string => {
    const file = join(home, name)
    writeFileSync(file, text, { mode: 0o600 })
    return file
  }
  const [server, client] = [selfSigned(), selfSigned()]
  const common = [
    '--no-defaults',
    `--datadir=${data}`,
    `--lc-messages-dir=${shared}`,
    `--character-sets-dir=${join(shared, 'charsets')}`,
    '--innodb-buffer-pool-size=16M',
    '--skip-log-bin',
    ...(process.getuid?.() === 0 ? ['--user=root'] : []),
  ]
  mkdirSync(data)
  const read = (name: string): string => readFileSync(join(shared, name), 'utf8')
  const made = spawnSync(path, [...common, '--bootstrap'], {
    env: { ...process.env, ...env },
    input: `CREATE DATABASE mysql;\nUSE mysql;\nSET @auth_root_socket=NULL;\n${read('mysql_system_tables.sql')}\n${read('mysql_performance_tables.sql')}\n${read('mysql_system_tables_data.sql')}\n
CREATE DATABASE payments;
CREATE TABLE payments.orders (id INT PRIMARY KEY, item VARCHAR(40));
INSERT INTO payments.orders VALUES (1, 'tea');
FLUSH PRIVILEGES;
GRANT ALL PRIVILEGES ON *.* TO '${USERNAME}'@'%' IDENTIFIED BY '${PASSWORD}' WITH GRANT OPTION;
GRANT ALL PRIVILEGES ON *.* TO 'rotated'@'%' IDENTIFIED BY 'to-be-changed' WITH GRANT OPTION;
GRANT USAGE ON *.* TO 'guarded'@'%' IDENTIFIED BY '${PASSWORD}' REQUIRE X509;\n`,
  })
  if (made.status !== 0) throw new Error(`MariaDB makes no database:\n${String(made.stderr)}`)
  const port = await freePort()
  const args = [
    ...common,
    '--bind-address=127.0.0.1',
    `--port=${port}`,
    `--socket=${join(home, 's.sock')}`,
    '--skip-name-resolve',
    `--ssl-cert=${place('server.pem', server.cert)}`,
    `--ssl-key=${place('server.key', server.key)}`,
    `--ssl-ca=${place('clients.pem', client.cert)}`,
  ]
  let child: ChildProcess | undefined
  const end = (): boolean => child?.kill('SIGKILL') ?? false
  process.once('exit', end)

  const connected = async <T>(
    user: string,
    password: string,
    work: (connection: Awaited<ReturnType<typeof createConnection>>) => Promise<T>,
  ): Promise<T> => {
    const connection = await createConnection({ host: '127.0.0.1', port, user, password })
    connection.on('error', () => undefined)
    try {
      return await work(connection)
    } finally {
      connection.destroy()
    }
  }
  const query: MariaDb['query'] = (text, values = []) =>
    connected(USERNAME, PASSWORD, async connection => (await connection.query(text, [...values]))[0] as readonly Record<string, unknown>[])
  const login: MariaDb['login'] = (username, password) =>
    connected(username, password, async () => true as const).catch((cause: unknown) => (cause as { readonly errno: number }).errno)
  const start = async (): Promise<void> => {
    const started = (child = spawn(path, args, { env: { ...process.env, ...env }, stdio: ['ignore', 'ignore', 'pipe'] }))
    let log = ''
    started.stderr?.on('data', chunk => (log += String(chunk)))
    for (const deadline = performance.now() + 60_000; ; await delay(25)) {
      const ready = await query('SELECT 1').then(
        () => true,
        () => false,
      )
      if (ready) return
      if (started.exitCode !== null || performance.now() > deadline) throw new Error(`MariaDB does not start:\n${log}`)
    }
  }
  const stop = async (): Promise<void> => {
    if (child !== undefined) await endProcess(child, 'SIGTERM')
    child = undefined
  }
  await start()
  return {
    port,
    url: (database = '', parameters = '') =>
      `{{username}}:{{password}}@tcp(127.0.0.1:${port})/${database}${parameters === '' ? '' : `?${parameters}`}`,
    username: USERNAME,
    password: PASSWORD,
    ca: server.cert,
    client,
    query,
    login,
    stop,
    start,
    async remove() {
      await stop()
      process.off('exit', end)
      rmSync(home, { recursive: true, force: true })
    },
  }
}
