import { againstThePeer } from './harness/duel.ts'
import { passwordPolicies } from './password-policies.scenario.ts'

againstThePeer(passwordPolicies)
