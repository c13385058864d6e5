/**
 * The identity engine: entities, aliases and groups over the API, and identity tokens. Always mounted, at `identity/`, and works on core's own identity store
 * through the port it is given; it knows nothing else of core, nor of its siblings.
 */
import { defineEngine, type SecretsEngine } from '../../framework/index.ts'
import { aliases } from './aliases.ts'
import { entities } from './entities.ts'
import { groups } from './groups.ts'
import { lookup } from './lookup.ts'
import { mfaEnforcements, mfaMethods, mfaSecrets } from './mfa/index.ts'
import { keys, roles, rotateDue, settings, tokens } from './oidc/index.ts'
import type { IdentityPorts } from './state.ts'

export const identityEngine = (ports: IdentityPorts): SecretsEngine =>
  defineEngine({
    type: 'identity',
    doc: 'Who stands behind tokens: entities, aliases, groups, identity tokens and second factors.',
    families: [entities, aliases, groups, lookup, settings, keys, roles, tokens, mfaMethods, mfaSecrets, mfaEnforcements],
    open: host => ({ ...ports, host }),
    tick: rotateDue,
  })
