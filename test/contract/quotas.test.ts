import { againstThePeer } from './harness/duel.ts'
import { quotas } from './quotas.scenario.ts'

againstThePeer(quotas)
