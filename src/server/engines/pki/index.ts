/**
 * A certificate authority: roots and intermediates, certificates by roles, their revocation and its lists. Knows the framework and X.509;
 * must not know core, nor another engine. ACME, when it comes, is families of its own here: an order is finalised by signByRole of
 * issue.ts, which checks the request's names against the role, and kept by keep.
 */
import { defineEngine, type SecretsEngine } from '../../framework/index.ts'
import { bundles } from './bundles.ts'
import { certificates } from './certificates.ts'
import { config } from './config.ts'
import { generate } from './generate.ts'
import { issue } from './issue.ts'
import { issuers } from './issuers.ts'
import { keys } from './keys.ts'
import { lists } from './lists.ts'
import { PkiMount } from './mount.ts'
import { ocsp } from './ocsp.ts'
import { certificateSecret, revoke } from './revoke.ts'
import { roles } from './roles.ts'
import { signCa } from './sign-ca.ts'
import { tidyRoutes } from './tidy-routes.ts'

export const pki: SecretsEngine = defineEngine<PkiMount>({
  type: 'pki',
  doc: 'Issues certificates, and says which of them are revoked.',
  families: [roles, generate, bundles, issuers, keys, config, issue, signCa, certificates, revoke, lists, ocsp, tidyRoutes],
  secrets: [certificateSecret],
  sealWrapped: ['key/'],
  open: host => new PkiMount(host),
  tick: (mount, now) => mount.tick(now),
  close: mount => mount.close(),
})
