import { againstThePeer } from './harness/duel.ts'
import { acl } from './acl.scenario.ts'

againstThePeer(acl)
