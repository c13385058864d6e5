import { againstThePeer } from './harness/duel.ts'
import { kv2 } from './kv2.scenario.ts'

againstThePeer(kv2)
