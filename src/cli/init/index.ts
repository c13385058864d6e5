/** What stands in a new managed repository, as texts. Pure; must not know where it is written. */
export { starterFiles } from './starter.ts'
export { workflowFiles } from './workflows.ts'
