/**
 * Password policies: kept, read, and passwords drawn by them. Knows HCL and the store that it is given; must not know who asks
 * for a password, nor what it is for.
 */
export { PasswordPolicies } from './password-policies.ts'
