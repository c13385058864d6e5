/**
 * Key/value secrets, version 1: a path holds one object, kept literally, numbers included. Knows the framework and what
 * both versions of kv share; must not know version 2, nor core.
 */
import { defineEngine, type SecretsEngine } from '../../../framework/index.ts'
import { openSecrets, secrets } from './secrets.ts'

export { secretsOf } from './secrets.ts'

export const version1: SecretsEngine = defineEngine({
  type: 'kv',
  doc: 'Key/value secrets without versions.',
  families: [secrets],
  sealWrapped: ['secret/'],
  open: openSecrets,
  close: async ({ parsed }) => parsed.clear(),
})
