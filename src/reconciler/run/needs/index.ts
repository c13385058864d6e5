/**
 * Which rights the reconciler itself needs: the requests that planning and applying a repository make, as a policy. Recorded from
 * the kinds, so that what they ask and what the policy gives cannot grow apart.
 */
export { policyFor, type PolicyForOptions, type PolicyMade } from './policy-for.ts'
