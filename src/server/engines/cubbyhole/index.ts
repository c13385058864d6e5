/**
 * A private place for each token, kept under the token's id, which is no secret. Knows the framework; must not know core,
 * which tells it by `dropToken` that a token has ended, nor another engine.
 */
import { defineEngine, type SecretsEngine } from '../../framework/index.ts'
import { secrets } from './secrets.ts'

export { dropToken } from './secrets.ts'

export const cubbyhole: SecretsEngine = defineEngine({
  type: 'cubbyhole',
  doc: 'Secrets that belong to one token and end with it.',
  families: [secrets],
})
