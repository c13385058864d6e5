/** The one list of databases that the engine can speak to: a new one is a folder and a word here. */
import { table } from '../../../kernel/index.ts'
import type { DatabasePlugin } from './plugin/index.ts'
import { mysql, mysqlAurora, mysqlLegacy, mysqlRds } from './plugins/mysql/index.ts'
import { postgresql } from './plugins/postgresql/index.ts'
import { redis, valkey } from './plugins/redis/index.ts'

export const plugins: Readonly<Record<string, DatabasePlugin>> = table(mysql, mysqlAurora, mysqlLegacy, mysqlRds, postgresql, redis, valkey)
