import { againstThePeer } from './harness/duel.ts'
import { token } from './token.scenario.ts'

againstThePeer(token)
