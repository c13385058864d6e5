import { database } from './database.scenario.ts'
import { againstThePeer } from './harness/duel.ts'

againstThePeer(database)
