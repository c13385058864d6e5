import { againstThePeer } from './harness/duel.ts'
import { totp } from './totp.scenario.ts'

againstThePeer(totp)
