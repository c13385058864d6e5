import { againstThePeer } from './harness/duel.ts'
import { userpass } from './userpass.scenario.ts'

againstThePeer(userpass)
