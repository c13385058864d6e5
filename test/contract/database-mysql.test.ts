import { databaseMysql } from './database-mysql.scenario.ts'
import { againstThePeer } from './harness/duel.ts'

againstThePeer(databaseMysql)
