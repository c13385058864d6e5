import { againstThePeer } from './harness/duel.ts'
import { cubbyhole } from './cubbyhole.scenario.ts'

againstThePeer(cubbyhole)
