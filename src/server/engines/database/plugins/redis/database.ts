/**
 * One Redis or Valkey server, as the engine asks of it. A user is one command, so it is there or not; its rules are arguments of their
 * own, and so are its name and password: nothing of them is ever parsed as another.
 */
import type { Credential, Database, NewUser } from '../../plugin/index.ts'
import type { Line } from './line.ts'

const READ_ONLY = ['~*', '+@read']

export class RedisDatabase implements Database {
  readonly #line: Line

  constructor(line: Line) {
    this.#line = line
  }

  async verify(signal: AbortSignal): Promise<void> {
    try {
      await this.#line.check(signal)
      await this.#line.ask(['PING'], signal)
    } catch (cause) {
      signal.throwIfAborted()
      throw new Error(`error verifying connection: ${(cause as Error).message}`, { cause })
    }
  }

  async hasUser(username: string, signal: AbortSignal): Promise<boolean> {
    return (await this.#line.ask(['ACL', 'GETUSER', username], signal)) !== null
  }

  async createUser({ username, credential, statements }: NewUser, signal: AbortSignal): Promise<void> {
    await this.#line.ask(['ACL', 'SETUSER', username, 'ON', `>${credential.password}`, ...rulesOf(statements)], signal)
  }

  /** Users have no end here. */
  async renewUser(): Promise<void> {}

  async changeCredential(username: string, { password }: Credential, _: readonly string[], signal: AbortSignal): Promise<void> {
    let known: boolean
    try {
      known = await this.hasUser(username, signal)
    } catch (cause) {
      signal.throwIfAborted()
      throw new Error(`reset of passwords for user ${username} failed in changeUserPassword: ${(cause as Error).message}`, { cause })
    }
    if (!known) throw new Error(`changeUserPassword for user ${username} failed: user not found`)
    await this.#line.ask(['ACL', 'SETUSER', username, 'RESETPASS', `>${password}`], signal)
  }

  /** Ends its connections too. One that is gone is none that was deleted, and no error. */
  async deleteUser(username: string, _: readonly string[], signal: AbortSignal): Promise<void> {
    await this.#line.ask(['ACL', 'DELUSER', username], signal)
  }

  close(): Promise<void> {
    return this.#line.close()
  }
}

/** The first statement is a JSON list of rules; else each statement is a rule. */
function rulesOf(statements: readonly string[]): readonly string[] {
  const texts = statements.map(it => it.trim()).filter(it => it !== '')
  const [first] = texts
  if (first === undefined) return READ_ONLY
  try {
    const rules: unknown = JSON.parse(first)
    if (Array.isArray(rules) && rules.every(it => typeof it === 'string')) return rules
  } catch {
    // No JSON.
  }
  return texts
}
