import { againstThePeer } from './harness/duel.ts'
import { identity } from './identity.scenario.ts'

againstThePeer(identity)
