import { setTimeout as delay } from 'node:timers/promises'
import { startPostgres, type Postgres } from '../test/contract/harness/postgres.ts'
import type { RunningServer } from '../test/contract/harness/server.ts'
import { load, message, type Measured, type Message } from './load.ts'

export type Ask = (method: string, path: string, token?: string, body?: unknown) => Promise<Record<string, Record<string, unknown>>>

export interface DatabaseRates {
  /** Each a user made at the database, under a lease. */
  readonly creds: Measured
  /** Leases revoked a second of 10,000 that are live, each a user that the database forgot, by one request for all. */
  readonly revokedPerSecond: number
  /** Reads of a secret while 2,000 leases or more end at once. */
  readonly readsInStorm: Measured
}

const STORM = 2000
const CROWD = 10_000
/** Longest look at one revocation: the rate is known by then. */
const LOOK_MS = 60_000

const CREATE = [
  `CREATE ROLE "{{name}}" WITH LOGIN PASSWORD '{{password}}' VALID UNTIL '{{expiration}}'`,
  'GRANT SELECT ON ALL TABLES IN SCHEMA public TO "{{name}}"',
]
/** Quickly made, for revocations: hashing a password takes the database long, and is not measured there. */
const CREATE_BARE = ['CREATE ROLE "{{name}}"']

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
    await ask('POST', 'database/roles/bare', root, { db_name: 'bench', creation_statements: CREATE_BARE, default_ttl: '1h' })
    const port = Number(new URL(address).port)
    const read = message('GET', 'database/creds/bench', root)
    await load(port, connections, 1, () => read)
    const creds = await load(port, connections, seconds, () => read)
    const bare = message('GET', 'database/creds/bare', root)
    const revoke = (sync: boolean): Promise<unknown> => ask('PUT', 'sys/leases/revoke-prefix/database/creds', root, { sync })
    const atLeast = async (count: number): Promise<number> => {
      for (;;) {
        const now = await users(database)
        if (now >= count) return now
        const { failed } = await load(port, connections, 1, () => bare)
        if (failed > 0) throw new Error(`${failed} users could not be made`)
      }
    }
    const before = await atLeast(CROWD)
    const began = performance.now()
    const elapsed = (): number => performance.now() - began
    // What goes on after the look is ended with the server.
    const revoked = revoke(true).catch(() => undefined)
    await Promise.race([revoked, delay(LOOK_MS, undefined, { ref: false })])
    const took = elapsed()
    const revokedPerSecond = (before - (await users(database))) / (took / 1000)
    await atLeast(STORM)
    // All are due at once, and the answer does not wait for them.
    const due = revoke(false).catch(() => undefined)
    const readsInStorm = await load(port, connections, seconds, () => secret)
    await Promise.race([due, delay(LOOK_MS, undefined, { ref: false })])
    return { creds, revokedPerSecond, readsInStorm }
  } finally {
    await database.remove()
  }
}

async function users(database: Postgres): Promise<number> {
  const [row] = await database.query(`SELECT count(*)::int AS n FROM pg_roles WHERE rolname LIKE 'v-%'`)
  return Number(row?.['n'])
}
