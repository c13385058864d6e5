import { againstThePeer } from './harness/duel.ts'
import { sysSeal } from './sys-seal.scenario.ts'

againstThePeer(sysSeal)
