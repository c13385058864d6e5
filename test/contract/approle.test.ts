import { againstThePeer } from './harness/duel.ts'
import { approle } from './approle.scenario.ts'

againstThePeer(approle)
