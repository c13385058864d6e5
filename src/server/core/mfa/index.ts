/** Second factors of logins: methods, enforcements, secrets, and logins that wait for theirs. Part of core; the API is the identity engine's and sys's. */
export { credentialsIn } from './credentials.ts'
export { SecondFactors } from './factors.ts'
