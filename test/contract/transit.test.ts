import { againstThePeer } from './harness/duel.ts'
import { transit } from './transit.scenario.ts'

againstThePeer(transit)
