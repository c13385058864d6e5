/**
 * Key/value secrets, the engine `kv`. A mount is of version 1 or 2, by its option `version`; 2 takes over what 1 has left.
 * Knows the framework; must not know core, nor another engine.
 */
import { defineEngine, type SecretsEngine } from '../../framework/index.ts'
import { secrets, openSecrets } from './v1/secrets.ts'
import { version1 } from './v1/index.ts'
import { version2 } from './v2/index.ts'

export const kv: SecretsEngine = defineEngine({
  type: 'kv',
  doc: 'Key/value secrets, plain (version 1) or with versions (version 2).',
  families: [secrets],
  open: openSecrets,
  variant: options => (options['version'] === '2' ? version2 : version1),
})
