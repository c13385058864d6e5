import { againstThePeer } from './harness/duel.ts'
import { sysPolicies } from './sys-policies.scenario.ts'

againstThePeer(sysPolicies)
