/** The connections of one database: never more than may be open, idle ones kept for the next, broken and old ones thrown away. */
import { connect, type Socket } from 'node:net'
import { createPool, type Pool as ConnectionPool, type PoolConnection, type PoolOptions } from 'mysql2/promise'
import type { Clock } from '../../../../../kernel/index.ts'
import type { SqlDetails } from '../../plugin/index.ts'
import type { DataSource } from './data-source.ts'
import { isAddress, type Protection } from './tls.ts'

/** Longest wait for a connection to come about. */
const CONNECT_MS = 30_000
/** Longest wait for a statement, for a database that answers no more; as long as a request may take. */
const STATEMENT_MS = 90_000
const IDLE_MS = 10 * 60_000

export interface Connection {
  /** One statement, as it stands: nothing in it is a placeholder. */
  run(statement: string): Promise<unknown>
  /** Rows of a statement with placeholders. */
  rows(statement: string, values: readonly string[]): Promise<readonly Readonly<Record<string, unknown>>[]>
}

export class Pool {
  /** Host and port, for messages. */
  readonly where: string
  readonly #ways: readonly ConnectionPool[]
  readonly #source: DataSource
  readonly #clock: Clock
  readonly #maxLifetimeMs: number
  /** When each connection came about: those that are not here have not been set up yet. */
  readonly #born = new WeakMap<object, number>()
  /** Where the last connection came about: in clear, after TLS was refused. */
  #way = 0

  constructor(source: DataSource, { tls, serverName, orClear }: Protection, { maxOpen, maxIdle, maxLifetime }: SqlDetails, clock: Clock) {
    this.#source = source
    this.#clock = clock
    this.#maxLifetimeMs = maxLifetime * 1000
    this.where = source.network === 'unix' ? source.host : `${source.host}:${source.port}`
    const connectTimeout = source.connectTimeout ?? CONNECT_MS
    const common: PoolOptions = {
      user: source.user,
      password: source.password,
      ...(source.database !== '' && { database: source.database }),
      ...(source.collation !== '' && { charset: source.collation }),
      connectTimeout,
      connectionLimit: maxOpen < 0 ? Number.MAX_SAFE_INTEGER : maxOpen,
      maxIdle: Math.max(0, maxIdle),
      idleTimeout: IDLE_MS,
      enableCleartextPlugin: source.cleartext,
      multipleStatements: false,
      // What a query answers is of no use here, and must not be able to ask for a file.
      flags: ['-LOCAL_FILES'],
    }
    const clear: PoolOptions = { ...common, ...target(source) }
    // The driver looks for `host` in the certificate; where it really connects to, the stream knows.
    const encrypted = tls && {
      ...common,
      ssl: tls,
      host: serverName ?? source.host,
      port: source.port,
      stream: () => dial(source, serverName),
    }
    this.#ways = (encrypted === undefined ? [clear] : orClear ? [encrypted, clear] : [encrypted]).map(way => createPool(way))
  }

  /** Runs `work` on a connection of its own. After a failure of the connection, or when it is old, it is given up. */
  async use<T>(signal: AbortSignal, work: (connection: Connection) => Promise<T>): Promise<T> {
    const connection = await this.#connect()
    const abort = (): void => connection.destroy()
    let isGood = false
    try {
      signal.throwIfAborted()
      signal.addEventListener('abort', abort, { once: true })
      await this.#setUp(connection)
      const result = await work(usable(connection))
      isGood = true
      return result
    } catch (cause) {
      signal.throwIfAborted()
      // What the server reports leaves the connection as it was: every statement here is a transaction of its own.
      isGood = !(cause as { readonly fatal?: boolean }).fatal && 'sqlState' in (cause as object)
      throw cause
    } finally {
      signal.removeEventListener('abort', abort)
      if (!signal.aborted) {
        if (isGood && !this.#isOld(connection)) connection.release()
        else connection.destroy()
      }
    }
  }

  async #connect(): Promise<PoolConnection> {
    try {
      return await (this.#ways[this.#way] as ConnectionPool).getConnection()
    } catch (cause) {
      const refused = (cause as NodeJS.ErrnoException).code === 'HANDSHAKE_NO_SSL_SUPPORT'
      if (!refused || this.#way + 1 >= this.#ways.length) throw cause
      this.#way++
      return this.#connect()
    }
  }

  async #setUp(connection: PoolConnection): Promise<void> {
    const inner = connection.connection
    if (this.#born.has(inner)) return
    for (const [name, value] of this.#source.variables) await connection.query({ sql: `SET ${name} = ${value}`, timeout: STATEMENT_MS })
    this.#born.set(inner, this.#clock.now().getTime())
  }

  #isOld(connection: PoolConnection): boolean {
    const born = this.#born.get(connection.connection)
    return this.#maxLifetimeMs > 0 && born !== undefined && this.#clock.now().getTime() - born >= this.#maxLifetimeMs
  }

  async close(): Promise<void> {
    await Promise.all(this.#ways.map(pool => pool.end()))
  }
}

const usable = (connection: PoolConnection): Connection => ({
  run: statement => connection.query({ sql: statement, timeout: STATEMENT_MS }),
  async rows(sql, values) {
    const [rows] = await connection.query({ sql, timeout: STATEMENT_MS }, [...values])
    return rows as readonly Readonly<Record<string, unknown>>[]
  },
})

const target = ({ network, host, port }: DataSource): PoolOptions => (network === 'unix' ? { socketPath: host } : { host, port })

/**
 * The socket below TLS. Node looks for its `_host` in the certificate when it is given no name, and the driver gives none for an
 * address; a socket that was connected by address has none itself.
 */
function dial({ network, host, port }: DataSource, serverName: string | undefined): Socket {
  const socket = network === 'unix' ? connect(host) : connect(port, host)
  socket.setNoDelay(true)
  if (isAddress(serverName ?? host)) Object.assign(socket, { _host: serverName ?? host })
  return socket
}
