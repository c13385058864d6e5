/**
 * Redis and Valkey, over the package `redis`: two names of one protocol. Knows the plugin port; must not know the engine, nor another
 * database.
 */
import type { DatabasePlugin } from '../../plugin/index.ts'
import { RedisDatabase } from './database.ts'
import { targetOf } from './target.ts'

const NAMES =
  '{{ printf "V_%s_%s_%s_%s" (.DisplayName | truncate 64) (.RoleName | truncate 64) (random 20) (unix_time) | truncate 100 | uppercase }}'

const plugin = (type: string, doc: string): DatabasePlugin => ({
  type,
  doc,
  credentialTypes: ['password'],
  usernameTemplate: NAMES,
  async open(details) {
    const target = targetOf(details)
    // The driver is large, and a server without such a database does without it.
    const { Line } = await import('./line.ts')
    return new RedisDatabase(new Line(target))
  },
})

export const redis: DatabasePlugin = plugin('redis-database-plugin', 'Redis 6 and newer, with access control lists.')
export const valkey: DatabasePlugin = plugin('valkey-database-plugin', 'Valkey, with access control lists.')
