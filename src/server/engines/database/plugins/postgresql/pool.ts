/**
 * A bounded pool of connections: never more than are allowed, idle ones kept for the next, broken ones thrown away. A new connection is
 * tried on each route in turn: each host, in clear or encrypted as it may be. The driver keeps the connections of one route.
 */
import { Pool as ConnectionPool, type PoolClient, type PoolConfig } from 'pg'
import type { SqlDetails } from '../../plugin/index.ts'
import type { Host, Session, Target } from './connection-string.ts'
import { isFinal, notConnected, type Try } from './failures.ts'
import { Permits } from './permits.ts'
import { checkSession } from './session.ts'
import type { Protection } from './tls.ts'

export type Connection = PoolClient

/** Longest wait for a connection, and before that for a free place in the pool. */
const CONNECT_MS = 30_000
/** Longest wait for a statement, for a database that answers no more; as long as a request may take. */
const STATEMENT_MS = 90_000

interface Route extends Host {
  readonly pool: ConnectionPool
}

export class Pool {
  readonly #target: Target
  /** In the order in which they are tried. More than one list: each when nothing of those before came about. */
  readonly #choices: readonly (readonly Route[])[]
  readonly #maxIdle: number
  readonly #permits: Permits
  /** The route that the last connection came about on, for each host: its server takes that one. */
  readonly #lastWay = new Map<string, Route>()

  /** `protections`: one for each host of the target. */
  constructor(target: Target, protections: readonly Protection[], { maxOpen, maxIdle, maxLifetime }: SqlDetails) {
    this.#target = target
    this.#maxIdle = maxIdle
    const { user, password, database, parameters } = target
    const connectTimeout = Number(parameters.get('connect_timeout') ?? 0)
    const common: PoolConfig = {
      user,
      password,
      database,
      max: Number.MAX_SAFE_INTEGER,
      idleTimeoutMillis: 0,
      maxLifetimeSeconds: maxLifetime,
      connectionTimeoutMillis: connectTimeout > 0 ? connectTimeout * 1000 : CONNECT_MS,
      query_timeout: STATEMENT_MS,
      keepAlive: true,
      application_name: parameters.get('application_name') ?? 'lockstep',
      options: [parameters.get('options'), '-c timezone=UTC'].filter(it => it !== undefined).join(' '),
    }
    this.#permits = new Permits(maxOpen < 0 ? Number.MAX_SAFE_INTEGER : maxOpen, CONNECT_MS)
    const routes = (session: Session): readonly Route[] =>
      target.hosts.flatMap(({ host, port }, i) =>
        waysOf(protections[i]).map(ssl => ({ host, port, pool: poolOf({ ...common, host, port, ssl: ssl ?? false }, session) })),
      )
    this.#choices = target.session === 'prefer-standby' ? [routes('standby'), routes('any')] : [routes(target.session)]
  }

  /**
   * Runs `work` on a connection of its own. A failure may leave a transaction open or the session changed, so the connection is
   * then given up.
   */
  async use<T>(signal: AbortSignal, work: (connection: Connection) => Promise<T>): Promise<T> {
    await this.#permits.take()
    try {
      return await this.#useOne(signal, work)
    } finally {
      this.#permits.giveBack()
    }
  }

  async #useOne<T>(signal: AbortSignal, work: (connection: Connection) => Promise<T>): Promise<T> {
    const connection = await this.#connect()
    let isGood = false
    const abort = (): void => connection.release(true)
    try {
      if (signal.aborted) throw signal.reason
      signal.addEventListener('abort', abort, { once: true })
      const result = await work(connection)
      isGood = connection.getTransactionStatus() === 'I'
      return result
    } finally {
      signal.removeEventListener('abort', abort)
      if (!signal.aborted) connection.release(!isGood || this.#idle() >= Math.max(0, this.#maxIdle))
      else if (!isGood) ignore(() => connection.release(true))
    }
  }

  #routes(): readonly Route[] {
    return this.#choices.flat()
  }

  #idle(): number {
    return this.#routes().reduce((sum, { pool }) => sum + pool.idleCount, 0)
  }

  /** An idle one, wherever it goes; else a new one: so there are never more than are in use, or were. */
  async #connect(): Promise<Connection> {
    const idle = this.#routes().find(({ pool }) => pool.idleCount > 0)
    let tries: Try[] = []
    for (const choice of idle === undefined ? this.#choices : [[idle], ...this.#choices]) {
      tries = []
      for (const route of this.#ordered(choice)) {
        const { host, port, pool } = route
        try {
          const connection = await pool.connect()
          this.#lastWay.set(`${host} ${port}`, route)
          return connection
        } catch (cause) {
          tries.push({ host, port, cause })
          if (isFinal(cause)) throw notConnected(this.#target, tries)
        }
      }
    }
    throw notConnected(this.#target, tries)
  }

  /** Of each host the way that its server took last comes first. */
  #ordered(routes: readonly Route[]): readonly Route[] {
    const hosts = Map.groupBy(routes, ({ host, port }) => `${host} ${port}`)
    return [...hosts].flatMap(([host, ways]) => {
      const last = this.#lastWay.get(host)
      return last !== undefined && ways.includes(last) ? [last, ...ways.filter(it => it !== last)] : ways
    })
  }

  async close(): Promise<void> {
    await Promise.all(this.#routes().map(({ pool }) => pool.end()))
  }
}

const waysOf = (protection: Protection | undefined): readonly Protection['tls'][] =>
  protection?.otherwise === undefined ? [protection?.tls] : [protection.tls, protection.otherwise.tls]

function poolOf(config: PoolConfig, session: Session): ConnectionPool {
  const look = async (client: Connection, done: (failure?: Error) => void): Promise<void> =>
    done(
      await checkSession(client, session).then(
        () => undefined,
        (cause: unknown) => cause as Error,
      ),
    )
  const verify: PoolConfig['verify'] = (client, done) => void look(client, done)
  const pool = new ConnectionPool({ ...config, ...(session !== 'any' && { verify }) })
  // A connection that the database ends is no longer there; a statement that was on its way hears of it by itself.
  pool.on('error', () => undefined)
  pool.on('connect', client => void client.on('error', () => undefined))
  return pool
}

function ignore(work: () => void): void {
  try {
    work()
  } catch {
    // Released already by the abort.
  }
}
