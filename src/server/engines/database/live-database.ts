/** A connection that is open: the plugin's object, and what is known with it. Closed when nobody uses it any more. */
import type { Template } from '../../../kernel/index.ts'
import { isFault } from '../../logical/index.ts'
import type { Connection } from './connection.ts'
import { type Database, type DatabasePlugin, RefusedByDatabase, withoutSecrets } from './plugin/index.ts'

export interface Opened {
  readonly connection: Connection
  readonly plugin: DatabasePlugin
  readonly database: Database
  readonly usernames: Template
}

export class LiveDatabase {
  readonly connection: Connection
  readonly plugin: DatabasePlugin
  readonly usernames: Template
  readonly #database: Database
  #users = 0
  #retired = false
  #closing: Promise<void> | undefined

  constructor({ connection, plugin, database, usernames }: Opened) {
    this.connection = connection
    this.plugin = plugin
    this.usernames = usernames
    this.#database = database
  }

  /** Undefined when it has been retired: ask for a new one. What fails is worded without any of the secrets. */
  use<T>(work: (database: Database) => Promise<T>, secrets: readonly string[] = []): Promise<T> | undefined {
    if (this.#retired) return undefined
    this.#users++
    return work(this.#database)
      .catch((cause: unknown): never => {
        throw clean(cause, [...secretsOf(this.connection), ...secrets])
      })
      .finally(() => {
        this.#users--
        if (this.#retired && this.#users === 0) void this.#close()
      })
  }

  /** Who uses it now may finish; resolves when all have, and the database's connections are closed. */
  retire(): Promise<void> {
    this.#retired = true
    if (this.#users === 0) return this.#close()
    return Promise.resolve()
  }

  #close(): Promise<void> {
    return (this.#closing ??= this.#database.close().catch(() => undefined))
  }
}

/** Each that may stand in an error of the database or its driver. */
export function secretsOf({ details }: Connection): readonly string[] {
  return [details['password'], details['private_key'], details['tls_certificate_key']].filter(it => typeof it === 'string')
}

/** An error whose message may be shown. Neither it nor its cause holds a secret. */
export function clean(cause: unknown, secrets: readonly string[]): unknown {
  if (isFault(cause)) return cause
  const text = withoutSecrets(messageOf(cause), secrets)
  return cause instanceof RefusedByDatabase ? new RefusedByDatabase(text) : new Error(text)
}

export const messageOf = (cause: unknown): string => (cause instanceof Error ? cause.message : String(cause))
