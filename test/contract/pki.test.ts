import { againstThePeer } from './harness/duel.ts'
import { pki } from './pki.scenario.ts'

againstThePeer(pki)
