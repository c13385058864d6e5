/**
 * MySQL and MariaDB, over the package `mysql2`. Four names for one plugin: three of them for servers that know user names of 16
 * characters only. Knows the plugin port; must not know the engine, nor another database.
 */
import { type DatabasePlugin, sqlDetails } from '../../plugin/index.ts'
import { parseDataSource } from './data-source.ts'
import { MysqlDatabase } from './database.ts'
import { protectionOf } from './tls.ts'

const NAMES = '{{ printf "v-%s-%s-%s-%s" (.DisplayName | truncate 10) (.RoleName | truncate 10) (random 20) (unix_time) | truncate 32 }}'
const SHORT_NAMES = '{{ printf "v-%s-%s" (.RoleName | truncate 4) (random 20) | truncate 16 }}'

const plugin = (type: string, doc: string, usernameTemplate: string): DatabasePlugin => ({
  type,
  doc,
  credentialTypes: ['password'],
  usernameTemplate,
  secretDetails: ['tls_certificate_key'],
  async open(details, ports) {
    const sql = sqlDetails(details)
    const source = parseDataSource(sql.connectionUrl, sql)
    const protection = protectionOf(source, details)
    // The driver is large, and a server without such a database does without it.
    const { Pool } = await import('./pool.ts')
    return new MysqlDatabase(new Pool(source, protection, sql, ports.clock))
  },
})

export const mysql: DatabasePlugin = plugin('mysql-database-plugin', 'MySQL 5.7 and newer, MariaDB 10 and newer.', NAMES)
export const mysqlLegacy: DatabasePlugin = plugin(
  'mysql-legacy-database-plugin',
  'MySQL up to 5.6: user names of 16 characters.',
  SHORT_NAMES,
)
export const mysqlRds: DatabasePlugin = plugin(
  'mysql-rds-database-plugin',
  'MySQL in Amazon RDS: user names of 16 characters.',
  SHORT_NAMES,
)
export const mysqlAurora: DatabasePlugin = plugin(
  'mysql-aurora-database-plugin',
  'Amazon Aurora: user names of 16 characters.',
  SHORT_NAMES,
)
