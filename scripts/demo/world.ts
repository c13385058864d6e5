/** What a payments service lives in: a cluster's API, a PostgreSQL, and our server, which knows them by the names they have there. */
import { spawn, type ChildProcess } from 'node:child_process'
import { once } from 'node:events'
import { mkdirSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { delimiter, join } from 'node:path'
import { setTimeout as delay } from 'node:timers/promises'
import { fileURLToPath } from 'node:url'
import { Client } from 'pg'
import { startPostgres, type Postgres } from '../../test/contract/harness/postgres.ts'
import { freePort } from '../../test/contract/harness/server.ts'
import { startKubernetesApi, type KubernetesApi } from '../../test/stand-in/kubernetes/api.ts'

const lockstep = fileURLToPath(new URL('../../bin/lockstep', import.meta.url))
const hosts = new URL('hosts.mjs', import.meta.url).href

export const ROOT_PASSWORD = '<initial-root-pw>'

export interface World {
  readonly address: string
  readonly kubernetes: KubernetesApi
  readonly postgres: Postgres
  /** A folder of its own; below it `bin`, where our command line is called `vault`, and home. */
  readonly folder: string
  /** For whoever works there: the address, a root token, the folder of programs first. */
  readonly env: Readonly<Record<string, string>>
  /** A query at the payments database, as somebody; the first value of each row. */
  query(username: string, password: string, text: string): Promise<readonly unknown[]>
  stop(): Promise<void>
}

export async function startWorld(): Promise<World> {
  const folder = mkdtempSync(join(tmpdir(), 'lockstep-payments-'))
  const [kubernetes, postgres] = await Promise.all([startKubernetesApi(['kubernetes.default.svc']), startPostgres()])
  await furnish(postgres)
  const port = await freePort()
  const address = `http://127.0.0.1:${port}`
  const bin = join(folder, 'bin')
  mkdirSync(bin)
  for (const name of ['vault', 'lockstep']) symlinkSync(lockstep, join(bin, name))
  const env = {
    HOME: folder,
    PATH: [bin, process.env['PATH'] ?? ''].join(delimiter),
    VAULT_ADDR: address,
    VAULT_TOKEN: 'root',
    NO_COLOR: '1',
  }
  const places = [`kubernetes.default.svc:443=127.0.0.1:${kubernetes.port}`, `postgres.internal:5432=127.0.0.1:${postgres.port}`]
  const server = spawn(lockstep, ['server', '-dev', '-dev-root-token-id=root', `-dev-listen-address=127.0.0.1:${port}`], {
    env: { ...env, NODE_OPTIONS: `--import=${hosts}`, LOCKSTEP_DEMO_HOSTS: places.join(',') },
    stdio: ['ignore', 'pipe', 'pipe'],
  })
  const end = (): boolean => server.kill('SIGKILL')
  process.once('exit', end)
  const stop = async (): Promise<void> => {
    await endOf(server)
    process.off('exit', end)
    await Promise.all([kubernetes.close(), postgres.remove()])
    rmSync(folder, { recursive: true, force: true })
  }
  try {
    await ready(server, address)
  } catch (cause) {
    await stop()
    throw cause
  }
  return { address, kubernetes, postgres, folder, env, stop, query: (...who) => query(postgres, 'payments', ...who) }
}

/** The database of the payments service, and the user that makes users there. */
async function furnish(postgres: Postgres): Promise<void> {
  await postgres.query(`CREATE ROLE "vault-root" LOGIN CREATEROLE PASSWORD '${ROOT_PASSWORD}'`)
  await postgres.query('CREATE DATABASE payments OWNER "vault-root"')
  const owner = ['vault-root', ROOT_PASSWORD] as const
  await query(postgres, 'payments', ...owner, 'CREATE TABLE payments (id int PRIMARY KEY, amount numeric, currency text)')
  await query(postgres, 'payments', ...owner, "INSERT INTO payments VALUES (1, 12.50, 'EUR'), (2, 99.00, 'CHF')")
}

async function query(postgres: Postgres, database: string, user: string, password: string, text: string): Promise<readonly unknown[]> {
  const client = new Client({ host: '127.0.0.1', port: postgres.port, database, user, password })
  client.on('error', () => undefined)
  await client.connect()
  try {
    const { rows } = await client.query<unknown[]>({ text, rowMode: 'array' })
    return rows.map(([first]) => first)
  } finally {
    await client.end()
  }
}

async function ready(server: ChildProcess, address: string): Promise<void> {
  let log = ''
  for (const stream of [server.stdout, server.stderr]) stream?.on('data', chunk => (log += String(chunk)))
  for (const deadline = performance.now() + 60_000; ; await delay(50)) {
    const status = await fetch(`${address}/v1/sys/health`).then(
      it => it.status,
      () => 0,
    )
    if (status === 200) return
    if (server.exitCode !== null || performance.now() > deadline) throw new Error(`the server does not start:\n${log}`)
  }
}

async function endOf(child: ChildProcess): Promise<void> {
  if (child.exitCode !== null || child.signalCode !== null) return
  const ended = once(child, 'exit')
  child.kill('SIGTERM')
  await ended
}

/** What a pod finds on its disk. */
export async function podFiles(world: World, namespace: string, account: string, folder: string): Promise<string> {
  mkdirSync(folder, { recursive: true })
  const token = await world.kubernetes.token(namespace, account)
  writeFileSync(join(folder, 'token'), token)
  writeFileSync(join(folder, 'ca.crt'), world.kubernetes.ca)
  return token
}
