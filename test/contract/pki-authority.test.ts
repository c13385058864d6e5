import { againstThePeer } from './harness/duel.ts'
import { pkiAuthority } from './pki-authority.scenario.ts'

againstThePeer(pkiAuthority)
