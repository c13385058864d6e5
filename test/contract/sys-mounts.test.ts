import { againstThePeer } from './harness/duel.ts'
import { sysMounts } from './sys-mounts.scenario.ts'

againstThePeer(sysMounts)
