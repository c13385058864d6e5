import { setTimeout as delay } from 'node:timers/promises'
import { startPostgres, type Postgres } from '../test/contract/harness/postgres.ts'
import type { RunningServer } from '../test/contract/harness/server.ts'
import { load, message, type Measured, type Message } from './load.ts'

export type Ask = (method: string, path: string, token?: string, body?: unknown) => Promise<Record<string, Record<string, unknown>>>

export interface DatabaseRates {
  /** Each a user made at the database, under a lease. */
  readonly creds: Measured
  /** Leases revoked a second, each a user that the database forgot, by one request for all. */
  readonly revokedPerSecond: number
  /** Reads of a secret while 2,000 leases or more end at once. */
  readonly readsInStorm: Measured
}

const STORM = 2000

const CREATE = [
  `CREATE ROLE "{{name}}" WITH LOGIN PASSWORD '{{password}}' VALID UNTIL '{{expiration}}'`,
  'GRANT SELECT ON ALL TABLES IN SCHEMA public TO "{{name}}"',
]

/** A PostgreSQL that flushes what it commits, as in production. */
export async function measureDatabase(
  { address }: RunningServer,
  ask: Ask,
  root: string,
  connections: number,
  seconds: number,
  secret: Message,
): Promise<DatabaseRates> {
  const database = await startPostgres({ fsync: true })
  try {
    await database.query('CREATE TABLE accounts (id int)')
    await ask('POST', 'sys/mounts/database', root, { type: 'database' })
    await ask('POST', 'database/config/bench', root, {
      plugin_name: 'postgresql-database-plugin',
      connection_url: database.url(),
      username: database.username,
      password: database.password,
      allowed_roles: '*',
    })
    await ask('POST', 'database/roles/bench', root, { db_name: 'bench', creation_statements: CREATE, default_ttl: '1h' })
    const port = Number(new URL(address).port)
    const read = message('GET', 'database/creds/bench', root)
    await load(port, connections, 1, () => read)
    const creds = await load(port, connections, seconds, () => read)
    const count = await users(database)
    const began = performance.now()
    await ask('PUT', 'sys/leases/revoke-prefix/database/creds', root, { sync: true })
    while ((await users(database)) > 0) await delay(5)
    const revokedPerSecond = count / ((performance.now() - began) / 1000)
    while ((await users(database)) < STORM) await load(port, connections, 2, () => read)
    // All are due at once, and the answer does not wait for them.
    const due = ask('PUT', 'sys/leases/revoke-prefix/database/creds', root, { sync: false })
    const [readsInStorm] = await Promise.all([load(port, connections, seconds, () => secret), due])
    while ((await users(database)) > 0) await delay(50)
    return { creds, revokedPerSecond, readsInStorm }
  } finally {
    await database.remove()
  }
}

async function users(database: Postgres): Promise<number> {
  const [row] = await database.query(`SELECT count(*)::int AS n FROM pg_roles WHERE rolname LIKE 'v-%'`)
  return Number(row?.['n'])
}
