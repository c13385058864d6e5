import { againstThePeer } from './harness/duel.ts'
import { http } from './http.scenario.ts'

againstThePeer(http)
