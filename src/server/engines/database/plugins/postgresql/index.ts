/** PostgreSQL, over the package `pg`. Knows the plugin port; must not know the engine, nor another database. */
import { type DatabasePlugin, decodeDetails, sqlDetails } from '../../plugin/index.ts'
import { parseConnectionString } from './connection-string.ts'
import { type PasswordAuthentication, PostgresDatabase } from './database.ts'
import { Pool } from './pool.ts'
import { protectionsOf } from './tls.ts'

export const postgresql: DatabasePlugin = {
  type: 'postgresql-database-plugin',
  doc: 'PostgreSQL 12 and newer, and what speaks its protocol.',
  credentialTypes: ['password'],
  // Names are cut at 63 bytes by the server.
  usernameTemplate:
    '{{ printf "v-%s-%s-%s-%s" (.DisplayName | truncate 8) (.RoleName | truncate 8) (random 20) (unix_time) | truncate 63 }}',
  async open(details, ports) {
    const sql = sqlDetails(details)
    const target = parseConnectionString(sql.connectionUrl, sql)
    const protections = await protectionsOf(target, details)
    const authentication = authenticationOf(decodeDetails(details, { password_authentication: 'string' }).password_authentication)
    return new PostgresDatabase(new Pool(target, protections, sql), lanesOf(sql.maxOpen), authentication, ports)
  },
}

/** One connection is left for what only reads. */
const lanesOf = (maxOpen: number): number => Math.max(1, Math.min(4, maxOpen < 0 ? 4 : maxOpen - 1))

function authenticationOf(word: string): PasswordAuthentication {
  if (word === '' || word === 'password') return 'password'
  if (word.toLowerCase() === 'scram-sha-256') return 'scram-sha-256'
  throw new Error(`'${word}' is not a valid password authentication type`)
}
