import { againstThePeer } from './harness/duel.ts'
import { sysServer } from './sys-server.scenario.ts'

againstThePeer(sysServer)
