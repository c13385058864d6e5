import { againstThePeer } from './harness/duel.ts'
import { pgp } from './pgp.scenario.ts'

againstThePeer(pgp)
