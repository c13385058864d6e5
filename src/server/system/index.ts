/**
 * The sys/ routes: mounts, auth mounts, policies, leases, capabilities, wrapping, sealing, what clients ask about the server.
 * Written against the ports of logical; knows the framework and the meaning of policies, never core's insides.
 */
import { defineEngine, type SecretsEngine } from '../framework/index.ts'
import type { SystemPorts } from '../logical/index.ts'
import { audit } from './audit.ts'
import { auth } from './auth.ts'
import { capabilities } from './capabilities.ts'
import { config } from './config.ts'
import { counters } from './counters.ts'
import { generateRoot } from './generate-root.ts'
import { ha } from './ha.ts'
import { inspectAcl } from './inspect-acl.ts'
import { internal } from './internal.ts'
import { leases } from './leases.ts'
import { lockedUsers } from './locked-users.ts'
import { mfa } from './mfa.ts'
import { mounts } from './mounts.ts'
import { namespaces } from './namespaces.ts'
import { passwordPolicies } from './password-policies.ts'
import { policies } from './policies.ts'
import { plugins } from './plugins.ts'
import { quotas } from './quotas.ts'
import { readMany } from './read-many.ts'
import { remount } from './remount.ts'
import { rotateRoot } from './rotate-root.ts'
import { seal } from './seal.ts'
import { snapshot } from './snapshot.ts'
import { tools } from './tools.ts'
import { wrapping } from './wrapping.ts'

export const systemBackend = (ports: SystemPorts): SecretsEngine =>
  defineEngine({
    type: 'system',
    doc: 'The server itself.',
    families: [
      mounts,
      audit,
      auth,
      remount,
      policies,
      passwordPolicies,
      capabilities,
      leases,
      wrapping,
      seal,
      rotateRoot,
      generateRoot,
      internal,
      counters,
      inspectAcl,
      mfa,
      namespaces,
      readMany,
      quotas,
      lockedUsers,
      ha,
      snapshot,
      config,
      tools,
      plugins,
    ],
    open: () => ports,
  })
