import { againstThePeer } from './harness/duel.ts'
import { mfa } from './mfa.scenario.ts'

againstThePeer(mfa)
