import { againstThePeer } from './harness/duel.ts'
import { namespaces } from './namespaces.scenario.ts'

againstThePeer(namespaces)
