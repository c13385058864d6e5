/** What the database engine asks of a database, and what a plugin is given. One folder below plugins/ implements it. */
import type { Clock, Random } from '../../../../kernel/index.ts'

/** As the API names them (`credential_type`). */
export type CredentialType = 'password' | 'rsa_private_key' | 'client_certificate'

/** What a user shall be known by, of a type that the plugin says it has. No database of ours has another than passwords yet. */
export interface Credential {
  readonly type: 'password'
  readonly password: string
}

export interface NewUser {
  /** Made by the engine from the template, and written down before the plugin is asked: it must be used as it is. */
  readonly username: string
  readonly credential: Credential
  /** When the database itself should stop to let the user in, where it can. Some seconds after the lease. */
  readonly expiration: Date
  /** Of the role, as they were given; never empty texts alone. The plugin decides what none means. */
  readonly statements: readonly string[]
}

/** What people gave beside the engine's own words, as it came: texts, numbers and booleans. */
export type ConnectionDetails = Readonly<Record<string, unknown>>

/** Time and chance come from outside. */
export interface PluginPorts {
  readonly clock: Clock
  readonly random: Random
}

/** The database itself refused, and has done nothing of it: there is no doubt about what it holds. */
export class RefusedByDatabase extends Error {}

/**
 * A connection to one database, with a pool of its own. Whatever fails rejects with an Error whose message may be shown to who
 * asked, in the peer's words; the engine takes known secrets out of it before that. Unless it is a RefusedByDatabase, a
 * rejection says nothing about what the database has done, nor about what it is still doing: the connection may have been cut behind the
 * last statement.
 *
 * Nothing here is asked after `close`. The signal ends a wait; what the database is doing then is unknown, as above.
 */
export interface Database {
  /** Connects, and asks for something that needs the credentials to be right. */
  verify(signal: AbortSignal): Promise<void>
  hasUser(username: string, signal: AbortSignal): Promise<boolean>
  /** All of it or nothing, where the database can. */
  createUser(user: NewUser, signal: AbortSignal): Promise<void>
  /** No statements: the plugin's own; those do nothing where the database knows no end of a user. */
  renewUser(username: string, expiration: Date, statements: readonly string[], signal: AbortSignal): Promise<void>
  /** Also for the user that the connection itself logs in as: the engine then opens a new one. */
  changeCredential(username: string, credential: Credential, statements: readonly string[], signal: AbortSignal): Promise<void>
  /** Without statements a user that is gone is success; with statements it may be an error, and the engine asks `hasUser`. */
  deleteUser(username: string, statements: readonly string[], signal: AbortSignal): Promise<void>
  /** Waits for what runs, then closes every connection. */
  close(): Promise<void>
}

export interface DatabasePlugin {
  /** `plugin_name` in the API. */
  readonly type: string
  readonly doc: string
  readonly credentialTypes: readonly CredentialType[]
  /** Names users when the connection has no `username_template`: a text template over `.DisplayName` and `.RoleName`. */
  readonly usernameTemplate: string
  /** Names of connection details that are kept but never shown, beside `password` and `private_key`. */
  readonly secretDetails?: readonly string[]
  /**
   * Checks the details and makes the connection's object without connecting. Rejects in the peer's words. Details may hold
   * words that it does not know: they are kept and shown like the others.
   */
  open(details: ConnectionDetails, ports: PluginPorts): Promise<Database>
}
