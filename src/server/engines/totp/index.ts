/**
 * TOTP: makes and checks one-time passwords that follow the clock (RFC 6238). Knows the framework; must not know core, nor
 * another engine.
 */
import { defineEngine, type SecretsEngine } from '../../framework/index.ts'
import { codes } from './codes.ts'
import { keys } from './keys.ts'

export const totp: SecretsEngine = defineEngine({
  type: 'totp',
  doc: 'Makes and checks one-time passwords.',
  families: [keys, codes],
  sealWrapped: ['key/'],
})
