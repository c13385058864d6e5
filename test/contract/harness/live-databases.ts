/** The databases that the engine speaks to, in one form, for what must hold of each of them. */
import { startMariaDb } from './mariadb.ts'
import { startPostgres } from './postgres.ts'
import { startRedis, startValkey, type Redis } from './redis.ts'

export interface SomeDatabase {
  readonly port: number
  /** What `config/:name` is given, for a client that comes through this port. */
  config(port: number): Readonly<Record<string, unknown>>
  /** What a dynamic role is given. */
  readonly role: Readonly<Record<string, unknown>>
  /** What is sent of the statement that makes a user, and of the one that ends it. */
  readonly creation: string
  readonly deletion: string
  /** Whether users are still there when the server has been away. */
  readonly isLasting: boolean
  /** Those that the engine made. */
  users(): Promise<readonly string[]>
  stop(): Promise<void>
  start(): Promise<void>
  remove(): Promise<void>
}

async function postgres(): Promise<SomeDatabase> {
  const server = await startPostgres()
  return {
    ...server,
    config: port => ({
      plugin_name: 'postgresql-database-plugin',
      connection_url: `postgresql://{{username}}:{{password}}@127.0.0.1:${port}/postgres?sslmode=disable`,
      username: server.username,
      password: server.password,
      allowed_roles: '*',
    }),
    role: { creation_statements: [`CREATE ROLE "{{name}}" LOGIN PASSWORD '{{password}}' VALID UNTIL '{{expiration}}'`] },
    creation: 'CREATE ROLE',
    deletion: 'DROP ROLE',
    isLasting: true,
    users: async () => (await server.query(`SELECT rolname FROM pg_roles WHERE rolname LIKE 'v-%'`)).map(it => String(it['rolname'])),
  }
}

async function mariaDb(): Promise<SomeDatabase> {
  const server = await startMariaDb()
  return {
    ...server,
    config: port => ({
      plugin_name: 'mysql-database-plugin',
      connection_url: `{{username}}:{{password}}@tcp(127.0.0.1:${port})/`,
      username: server.username,
      password: server.password,
      allowed_roles: '*',
    }),
    role: {
      creation_statements: ["CREATE USER '{{name}}'@'%' IDENTIFIED BY '{{password}}'", "GRANT SELECT ON payments.* TO '{{name}}'@'%'"],
    },
    creation: 'CREATE USER',
    deletion: 'DROP USER',
    isLasting: true,
    users: async () => (await server.query(`SELECT User AS name FROM mysql.user WHERE User LIKE 'v-%'`)).map(it => String(it['name'])),
  }
}

const keyValue = async (pluginName: string, starting: Promise<Redis>): Promise<SomeDatabase> => {
  const server = await starting
  return {
    ...server,
    config: port => ({
      plugin_name: pluginName,
      host: '127.0.0.1',
      port,
      username: server.username,
      password: server.password,
      allowed_roles: '*',
    }),
    role: { creation_statements: ['["~*", "+@read"]'] },
    creation: 'SETUSER',
    deletion: 'DELUSER',
    isLasting: false,
    users: async () => ((await server.command(['ACL', 'USERS'])) as readonly string[]).filter(it => it.startsWith('V_')),
  }
}

export const someDatabases: readonly (readonly [name: string, start: () => Promise<SomeDatabase>])[] = [
  ['PostgreSQL', postgres],
  ['MariaDB', mariaDb],
  ['Redis', () => keyValue('redis-database-plugin', startRedis())],
  ['Valkey', () => keyValue('valkey-database-plugin', startValkey())],
]
