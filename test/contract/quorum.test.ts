import { againstThePeer } from './harness/duel.ts'
import { sharesWithoutToken, sharesWithToken } from './quorum.scenario.ts'

againstThePeer(sharesWithToken)
againstThePeer(sharesWithoutToken)
