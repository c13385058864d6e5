import { databaseRedis } from './database-redis.scenario.ts'
import { againstThePeer } from './harness/duel.ts'

againstThePeer(databaseRedis)
