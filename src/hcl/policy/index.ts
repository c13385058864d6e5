/** Policy texts → typed policy documents with diagnostics. Knows the HCL1 tree and the server's checks; not what a rule means. */
export { type Capability, type ControlGroup, type ParameterRules, type PathRule, type PolicyDoc } from './document.ts'
