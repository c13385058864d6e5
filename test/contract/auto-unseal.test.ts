import { autoUnseal, withoutRecovery } from './auto-unseal.scenario.ts'
import { againstThePeer } from './harness/duel.ts'

againstThePeer(autoUnseal)
againstThePeer(withoutRecovery)
