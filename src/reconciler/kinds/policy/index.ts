/**
 * ACL policies: compared by their exact text, read all at once where the target offers it, written with compare-and-set where it
 * has that. Knows the policy language's tree, not what a rule allows; no other kind.
 */
export { observePolicies, type ObservedPolicies } from './observe.ts'
export { policyKind } from './policy-kind.ts'
