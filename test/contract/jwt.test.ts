import { againstThePeer } from './harness/duel.ts'
import { jwt } from './jwt.scenario.ts'

againstThePeer(jwt)
