/** Second factors of logins over the API: methods, the secrets of entities, and who has to show which. */
export { mfaEnforcements } from './enforcements.ts'
export { mfaMethods } from './methods.ts'
export { mfaSecrets } from './secrets.ts'
