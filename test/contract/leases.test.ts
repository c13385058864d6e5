import { againstThePeer } from './harness/duel.ts'
import { leases } from './leases.scenario.ts'

againstThePeer(leases)
