import { againstThePeer } from './harness/duel.ts'
import { lockedUsers } from './locked-users.scenario.ts'

againstThePeer(lockedUsers)
