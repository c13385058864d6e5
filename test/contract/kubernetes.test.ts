import { againstThePeer } from './harness/duel.ts'
import { kubernetes } from './kubernetes.scenario.ts'

againstThePeer(kubernetes)
