import { againstThePeer } from './harness/duel.ts'
import { wrapping } from './wrapping.scenario.ts'

againstThePeer(wrapping)
