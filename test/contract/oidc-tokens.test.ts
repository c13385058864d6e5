import { againstThePeer } from './harness/duel.ts'
import { oidcTokens } from './oidc-tokens.scenario.ts'

againstThePeer(oidcTokens)
