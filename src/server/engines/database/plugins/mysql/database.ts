/** One MySQL or MariaDB server, as the engine asks of it. Its statements about users take effect one by one: there is no way back. */
import type { Credential, Database, NewUser } from '../../plugin/index.ts'
import { numberOf, said } from './failures.ts'
import type { Connection, Pool } from './pool.ts'
import { filledStatements, type Filling } from './statements.ts'

const CHANGE_PASSWORD = ["ALTER USER '{{username}}'@'%' IDENTIFIED BY '{{password}}'"]
/** ER_NONEXISTING_GRANT, ER_REVOKE_GRANTS, ER_CANNOT_USER: there is no such user. */
const NO_SUCH_USER = new Set([1141, 1269, 1396])
/** ER_TABLEACCESS_DENIED_ERROR, ER_DBACCESS_DENIED_ERROR: the table of users is not for us to read. */
const NOT_FOR_US = new Set([1142, 1044])
const ANYWHERE = '%'

export class MysqlDatabase implements Database {
  readonly #pool: Pool

  constructor(pool: Pool) {
    this.#pool = pool
  }

  async verify(signal: AbortSignal): Promise<void> {
    await this.#use('error verifying - ping: ', signal, connection => connection.run('SELECT 1'))
  }

  hasUser(username: string, signal: AbortSignal): Promise<boolean> {
    return this.#use('', signal, async connection => (await hostsOf(connection, username)).length > 0)
  }

  async createUser({ username, credential, expiration, statements }: NewUser, signal: AbortSignal): Promise<void> {
    if (statements.every(it => it.trim() === '')) throw new Error('empty creation statements')
    await this.#run('', statements, { name: username, password: credential.password, expiration: written(expiration) }, signal)
  }

  /** Users have no end here; nor has the peer statements for it. */
  async renewUser(): Promise<void> {}

  async changeCredential(username: string, { password }: Credential, statements: readonly string[], signal: AbortSignal): Promise<void> {
    const texts = statements.length === 0 ? CHANGE_PASSWORD : statements
    await this.#run('failed to change password: ', texts, { name: username, password }, signal)
  }

  async deleteUser(username: string, statements: readonly string[], signal: AbortSignal): Promise<void> {
    if (statements.length > 0) await this.#run('', statements, { name: username }, signal)
    else await this.#use('', signal, connection => drop(connection, username))
    await this.#use('', signal, connection => endSessions(connection, username)).catch(() => undefined)
  }

  close(): Promise<void> {
    return this.#pool.close()
  }

  async #run(before: string, statements: readonly string[], filling: Filling, signal: AbortSignal): Promise<void> {
    const texts = filledStatements(statements, filling)
    await this.#use(before, signal, async connection => {
      for (const text of texts) await connection.run(text)
    })
  }

  async #use<T>(before: string, signal: AbortSignal, work: (connection: Connection) => Promise<T>): Promise<T> {
    try {
      return await this.#pool.use(signal, work)
    } catch (cause) {
      if (signal.aborted) throw cause
      throw said(before, cause, this.#pool.where)
    }
  }
}

/** The hosts that a user of this name may come from: each is a user of its own. */
async function hostsOf(connection: Connection, username: string): Promise<readonly string[]> {
  try {
    const rows = await connection.rows('SELECT Host AS host FROM mysql.user WHERE User = ?', [username])
    return rows.map(({ host }) => String(host))
  } catch (cause) {
    if (!NOT_FOR_US.has(numberOf(cause))) throw cause
  }
  try {
    await connection.rows('SHOW GRANTS FOR ?@?', [username, ANYWHERE])
    return [ANYWHERE]
  } catch (cause) {
    if (NO_SUCH_USER.has(numberOf(cause))) return []
    throw cause
  }
}

/** Wherever they may come from: the statements of the role decided that. Dropping a user takes its rights first. */
async function drop(connection: Connection, username: string): Promise<void> {
  for (const host of await hostsOf(connection, username)) {
    try {
      await connection.rows('DROP USER ?@?', [username, host])
    } catch (cause) {
      if (!NO_SUCH_USER.has(numberOf(cause))) throw cause
    }
  }
}

/** Dropping a user does not end its sessions. Seeing and ending those of others takes rights that we may not have. */
async function endSessions(connection: Connection, username: string): Promise<void> {
  const rows = await connection.rows('SELECT ID AS id FROM information_schema.PROCESSLIST WHERE USER = ?', [username])
  for (const { id } of rows) await connection.run(`KILL CONNECTION ${BigInt(String(id))}`).catch(() => undefined)
}

/** `2026-01-02 15:04:05+0000`. */
const written = (time: Date): string =>
  time
    .toISOString()
    .replace('T', ' ')
    .replace(/\.\d+Z$/, '+0000')
