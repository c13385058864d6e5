/** A bounded pool of connections: never more than are allowed, idle ones kept for the next, broken ones thrown away. */
import { Pool as ConnectionPool, type PoolClient, type PoolConfig } from 'pg'
import type { SqlDetails } from '../../plugin/index.ts'
import type { Target } from './connection-string.ts'
import { isReported, notConnected } from './failures.ts'
import type { Protection } from './tls.ts'

export type Connection = PoolClient

/** Longest wait for a connection, a free place in the pool included. */
const CONNECT_MS = 30_000
/** Longest wait for a statement, for a database that answers no more; as long as a request may take. */
const STATEMENT_MS = 90_000

export class Pool {
  readonly #target: Target
  readonly #ways: readonly ConnectionPool[]
  readonly #maxIdle: number
  /** Where the last connection came about: the way that the server takes. */
  #way = 0

  constructor(target: Target, protection: Protection, { maxOpen, maxIdle, maxLifetime }: SqlDetails) {
    this.#target = target
    this.#maxIdle = maxIdle
    const { host, port, user, password, database, parameters } = target
    const connectTimeout = Number(parameters.get('connect_timeout') ?? 0)
    const common: PoolConfig = {
      host,
      port,
      user,
      password,
      database,
      max: maxOpen < 0 ? Number.MAX_SAFE_INTEGER : maxOpen,
      idleTimeoutMillis: 0,
      maxLifetimeSeconds: maxLifetime,
      connectionTimeoutMillis: connectTimeout > 0 ? connectTimeout * 1000 : CONNECT_MS,
      query_timeout: STATEMENT_MS,
      keepAlive: true,
      application_name: parameters.get('application_name') ?? 'lockstep',
      options: [parameters.get('options'), '-c timezone=UTC'].filter(it => it !== undefined).join(' '),
    }
    const { tls, otherwise } = protection
    const ways = otherwise === undefined ? [tls] : [tls, otherwise.tls]
    this.#ways = ways.map(way => {
      const pool = new ConnectionPool({ ...common, ssl: way ?? false })
      // A connection that the database ends is no longer there; a statement that was on its way hears of it by itself.
      pool.on('error', () => undefined)
      pool.on('connect', client => void client.on('error', () => undefined))
      return pool
    })
  }

  /**
   * Runs `work` on a connection of its own. A failure may leave a transaction open or the session changed, so the connection is
   * then given up.
   */
  async use<T>(signal: AbortSignal, work: (connection: Connection) => Promise<T>): Promise<T> {
    const { connection, pool } = await this.#connect()
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
      if (!signal.aborted) connection.release(!isGood || pool.idleCount >= Math.max(0, this.#maxIdle))
      else if (!isGood) ignore(() => connection.release(true))
    }
  }

  async #connect(): Promise<{ readonly connection: Connection; readonly pool: ConnectionPool }> {
    const tries: unknown[] = []
    for (const way of this.#order()) {
      const pool = this.#ways[way] as ConnectionPool
      try {
        const connection = await pool.connect()
        this.#way = way
        return { connection, pool }
      } catch (cause) {
        tries.push(cause)
        // Wrong credentials are wrong on the other way, too, unless the server's rules tell the ways apart.
        if (isReported(cause) && cause.code === '28P01') break
      }
    }
    throw notConnected(this.#target, tries)
  }

  #order(): readonly number[] {
    return this.#way === 0 ? this.#ways.map((_, way) => way) : [this.#way, 0]
  }

  async close(): Promise<void> {
    await Promise.all(this.#ways.map(pool => pool.end()))
  }
}

function ignore(work: () => void): void {
  try {
    work()
  } catch {
    // Released already by the abort.
  }
}
