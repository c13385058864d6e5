/** Policy texts → typed policy documents with diagnostics. Knows the HCL1 tree and the server's checks; not what a rule means. */
export { type Capability, type ControlGroup, type ParameterRules, type PathRule, type PolicyDoc } from './document.ts'
export { parsePolicy, decodePolicy, type PolicyOptions, type CheckedPolicy } from './parse-policy.ts'
export { ruleKeys, capabilities } from './rule.ts'
export { decodePolicyText, isBase64 } from './stored-text.ts'
