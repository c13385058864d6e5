/** One PostgreSQL database, as the engine asks of it. Each task is one message with all its statements, so one transaction. */
import { type Credential, type Database, type NewUser, type PluginPorts, RefusedByDatabase, statementTexts } from '../../plugin/index.ts'
import type { Batches } from './batches.ts'
import { describe, isRolledBack } from './failures.ts'
import { fillStatement, type Filling } from './fill.ts'
import type { Connection, Pool } from './pool.ts'
import { scramVerifier } from './scram.ts'
import { StatementRefused, type Task, writesTo } from './writes.ts'

export type PasswordAuthentication = 'password' | 'scram-sha-256'

const RENEW = [`ALTER ROLE "{{name}}" VALID UNTIL '{{expiration}}'`]
const CHANGE_PASSWORD = [`ALTER ROLE "{{username}}" WITH PASSWORD '{{password}}'`]

export class PostgresDatabase implements Database {
  readonly #pool: Pool
  readonly #authentication: PasswordAuthentication
  readonly #ports: PluginPorts
  readonly #writes: Batches<Task>

  constructor(pool: Pool, lanes: number, authentication: PasswordAuthentication, ports: PluginPorts) {
    this.#pool = pool
    this.#authentication = authentication
    this.#ports = ports
    this.#writes = writesTo(pool, lanes)
  }

  async verify(signal: AbortSignal): Promise<void> {
    await saying(
      'error verifying connection: ',
      this.#use(signal, connection => connection.query('SELECT 1')),
    )
  }

  hasUser(username: string, signal: AbortSignal): Promise<boolean> {
    return this.#use(signal, async connection => {
      const { rowCount } = await connection.query('SELECT FROM pg_catalog.pg_roles WHERE rolname = $1::name', [username])
      return rowCount !== null && rowCount > 0
    })
  }

  async createUser({ username, credential, expiration, statements }: NewUser, signal: AbortSignal): Promise<void> {
    if (statements.length === 0) throw new RefusedByDatabase('empty creation statements')
    const filling = { name: username, password: await this.#kept(credential), expiration: written(expiration) }
    await this.#run('unable to start transaction: ', 'failed to execute query: ', statements, filling, signal)
  }

  async renewUser(username: string, expiration: Date, statements: readonly string[], signal: AbortSignal): Promise<void> {
    const filling = { name: username, expiration: written(expiration) }
    try {
      await this.#run('', '', statements.length === 0 ? RENEW : statements, filling, signal)
    } catch (cause) {
      throw inList(cause)
    }
  }

  async changeCredential(username: string, credential: Credential, statements: readonly string[], signal: AbortSignal): Promise<void> {
    const filling = { name: username, password: await this.#kept(credential) }
    try {
      const texts = statements.length === 0 ? CHANGE_PASSWORD : statements
      await this.#run('user does not appear to exist: ', 'failed to execute query: ', texts, filling, signal)
    } catch (cause) {
      throw inList(cause)
    }
  }

  async deleteUser(username: string, statements: readonly string[], signal: AbortSignal): Promise<void> {
    if (statements.length > 0) await this.#run('', '', statements, { name: username }, signal)
    else await saying('', this.#writes.run({ deleted: username }, signal))
  }

  close(): Promise<void> {
    return this.#pool.close()
  }

  async #kept(credential: Credential): Promise<string> {
    if (credential.password === '') throw new Error('missing password')
    return this.#authentication === 'password' ? credential.password : scramVerifier(credential.password, this.#ports.random)
  }

  /** All statements or none. What is said before a failure tells whether a connection was lacking or a statement was refused. */
  async #run(unconnected: string, refused: string, statements: readonly string[], filling: Filling, signal: AbortSignal): Promise<void> {
    const texts = statementTexts(statements).map(text => fillStatement(text, filling))
    if (texts.length === 0) return
    try {
      // A text may end in a comment; an empty statement is none.
      await this.#writes.run({ statements: texts.join('\n;\n') }, signal)
    } catch (cause) {
      const said = cause instanceof StatementRefused ? cause.cause : cause
      const why = (cause === said ? unconnected : refused) + describe(said)
      throw isRolledBack(said) ? new RefusedByDatabase(why, { cause }) : new Error(why, { cause })
    }
  }

  async #use<T>(signal: AbortSignal, work: (connection: Connection) => Promise<T>): Promise<T> {
    return saying('', this.#pool.use(signal, work))
  }
}

/** A failure in the words that are shown, with the cause behind it. */
async function saying<T>(before: string, done: Promise<T>): Promise<T> {
  try {
    return await done
  } catch (cause) {
    throw new Error(before + describe(cause), { cause })
  }
}

/** In the words of the peer's error list. */
function inList(cause: unknown): Error {
  const text = `1 error occurred:\n\t* ${describe(cause)}\n\n`
  return cause instanceof RefusedByDatabase ? new RefusedByDatabase(text, { cause }) : new Error(text, { cause })
}

/** `2026-01-02 15:04:05+0000`. */
const written = (time: Date): string =>
  time
    .toISOString()
    .replace('T', ' ')
    .replace(/\.\d+Z$/, '+0000')
