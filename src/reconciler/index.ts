/**
 * The reconciler's face: what keeps a target in lockstep with a repository, over its HTTP API only. Whoever embeds it brings a
 * client, a clock and the environment. Must never import the server: the one that we bring is a target like any other.
 */
export * from './run/index.ts'
export { encodePlan, isDrift, isEmptyPlan, type Plan, type Refusal } from './model/index.ts'
