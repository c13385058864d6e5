import { againstThePeer } from './harness/duel.ts'
import { kv1 } from './kv1.scenario.ts'

againstThePeer(kv1)
