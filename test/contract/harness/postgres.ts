/** A PostgreSQL of the machine's own, in a folder of its own, on a free port, with TLS: real, not a stand-in. */
import { execFile, execFileSync, spawn, type ChildProcess } from 'node:child_process'
import { chmodSync, chownSync, existsSync, mkdtempSync, readdirSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout as delay } from 'node:timers/promises'
import { promisify } from 'node:util'
import { Client } from 'pg'
import { selfSigned } from '../../client/certificate.ts'
import { endProcess, freePort } from './server.ts'

export interface Postgres {
  readonly port: number
  /** `postgresql://{{username}}:{{password}}@127.0.0.1:PORT/DATABASE?sslmode=disable` */
  url(database?: string, parameters?: string): string
  readonly username: string
  readonly password: string
  /** PEM: what certifies the server, and a client that the database `guarded` asks for. */
  readonly ca: string
  readonly client: { readonly cert: string; readonly key: string }
  /** Rows as the superuser sees them. */
  query(text: string, values?: readonly unknown[]): Promise<readonly Record<string, unknown>[]>
  /** Ends the server, so that nobody can connect. */
  stop(): Promise<void>
  /** Starts it again, on the same port and data. */
  start(): Promise<void>
  remove(): Promise<void>
}

const USERNAME = 'root'
const PASSWORD = 'root-of-all-roles'

/** PostgreSQL refuses to run as root, so root becomes somebody else. */
function identity(): { readonly uid?: number; readonly gid?: number } {
  if (process.getuid?.() !== 0) return {}
  for (const name of ['postgres', 'nobody']) {
    try {
      const id = (flag: string): number => Number(execFileSync('id', [flag, name], { stdio: ['ignore', 'pipe', 'ignore'] }))
      return { uid: id('-u'), gid: id('-g') }
    } catch {
      // No such user: the next.
    }
  }
  throw new Error('PostgreSQL does not run as root, and there is neither a user postgres nor nobody')
}

/** Where Debian, the Red Hat family, Homebrew and the PATH have it; the newest first. */
function binaries(): string {
  const versions = ['/usr/lib/postgresql', '/usr/local/opt'].flatMap(home =>
    existsSync(home)
      ? readdirSync(home)
          .toSorted((a, b) => b.localeCompare(a, 'en', { numeric: true }))
          .map(version => join(home, version, 'bin'))
      : [],
  )
  const places = [...versions, '/usr/pgsql/bin', ...(process.env['PATH'] ?? '').split(':')]
  const found = places.find(place => existsSync(join(place, 'initdb')) && existsSync(join(place, 'postgres')))
  if (found === undefined) throw new Error('no PostgreSQL found: install it (Debian: postgresql), or put initdb and postgres in the PATH')
  return found
}

const run = promisify(execFile)

/** `fsync`: what is committed is flushed, as in production. */
export async function startPostgres({ fsync = false }: { readonly fsync?: boolean } = {}): Promise<Postgres> {
  const bin = binaries()
  const as = identity()
  const home = mkdtempSync(join(tmpdir(), 'lockstep-postgres-'))
  const data = join(home, 'data')
  const give = (path: string, mode: number): void => {
    chmodSync(path, mode)
    if (as.uid !== undefined && as.gid !== undefined) chownSync(path, as.uid, as.gid)
  }
  give(home, 0o700)
  const place = (name: string, text: string): string => {
    const path = join(home, name)
    writeFileSync(path, text)
    give(path, 0o600)
    return path
  }
  const [server, client] = [selfSigned(), selfSigned()]
  const password = place('password', PASSWORD)
  const certificate = place('server.pem', server.cert)
  const key = place('server.key', server.key)
  const clients = place('clients.pem', client.cert)
  await run(
    join(bin, 'initdb'),
    ['-D', data, '-A', 'scram-sha-256', '-U', USERNAME, `--pwfile=${password}`, '-N', '-E', 'UTF8', '--locale=C'],
    {
      ...as,
      env: { PATH: process.env['PATH'], HOME: home },
    },
  )
  writeFileSync(
    join(data, 'pg_hba.conf'),
    'hostssl guarded all 127.0.0.1/32 scram-sha-256 clientcert=verify-ca\nhost guarded all all reject\nhost all all 127.0.0.1/32 scram-sha-256\n',
  )
  const port = await freePort()
  const settings = {
    listen_addresses: '127.0.0.1',
    unix_socket_directories: home,
    fsync: fsync ? 'on' : 'off',
    max_connections: '200',
    ssl: 'on',
    ssl_cert_file: certificate,
    ssl_key_file: key,
    ssl_ca_file: clients,
  }
  const args = ['-D', data, '-p', String(port), ...Object.entries(settings).flatMap(([name, value]) => ['-c', `${name}=${value}`])]
  let child: ChildProcess | undefined
  const end = (): boolean => child?.kill('SIGQUIT') ?? false
  process.once('exit', end)

  const query = async (text: string, values: readonly unknown[] = []): Promise<readonly Record<string, unknown>[]> => {
    const connection = new Client({ host: '127.0.0.1', port, user: USERNAME, password: PASSWORD, database: 'postgres' })
    connection.on('error', () => undefined)
    await connection.connect()
    try {
      return (await connection.query(text, [...values])).rows as readonly Record<string, unknown>[]
    } finally {
      await connection.end()
    }
  }
  const start = async (): Promise<void> => {
    const started = (child = spawn(join(bin, 'postgres'), args, { ...as, stdio: ['ignore', 'ignore', 'pipe'], cwd: home }))
    let log = ''
    started.stderr?.on('data', chunk => (log += String(chunk)))
    for (const deadline = performance.now() + 60_000; ;) {
      const ready = await query('SELECT 1').then(
        () => true,
        () => false,
      )
      if (ready) return
      if (started.exitCode !== null || performance.now() > deadline) throw new Error(`PostgreSQL does not start:\n${log}`)
      await delay(25)
    }
  }
  const stop = async (): Promise<void> => {
    // A fast shutdown: connections are cut.
    if (child !== undefined) await endProcess(child, 'SIGINT')
    child = undefined
  }
  await start()
  await query('CREATE DATABASE guarded')
  return {
    port,
    url: (database = 'postgres', parameters = 'sslmode=disable') =>
      `postgresql://{{username}}:{{password}}@127.0.0.1:${port}/${database}?${parameters}`,
    username: USERNAME,
    password: PASSWORD,
    ca: server.cert,
    client,
    query,
    stop,
    start,
    async remove() {
      await stop()
      process.off('exit', end)
      rmSync(home, { recursive: true, force: true })
    },
  }
}
