import { againstThePeer } from './harness/duel.ts'
import { ssh } from './ssh.scenario.ts'

againstThePeer(ssh)
