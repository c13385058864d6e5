/** On what terms a token is renewed: its method is asked whether it still vouches, the mount and the grant set the limits. */
import { seconds } from '../../kernel/index.ts'
import {
  effectiveTtl,
  faults,
  isFault,
  type Grant,
  type LeaseDefaults,
  type MountEntry,
  type RenewalsPort,
  type TokenEntry,
} from '../logical/index.ts'
import type { LiveMount } from './mounts.ts'

export const renewals = (
  mountOf: (accessor: string) => LiveMount | undefined,
  defaultsOf: (entry: MountEntry) => LeaseDefaults,
  refreshGroups: (entityId: string, mountAccessor: string, groupAliases: readonly string[]) => Promise<void>,
): RenewalsPort => ({
  async terms(entry, increment, now, signal) {
    const mount = mountOf(entry.mountAccessor)
    if (mount === undefined) throw faults.failedAs({ why: 'unable to retrieve system view from router' })
    const grant = grantOf(entry)
    let fresh: Partial<Grant> | undefined
    try {
      fresh = await mount.backend.renewGrant?.(grant, { now, signal })
    } catch (cause) {
      if (!isFault(cause)) throw cause
      throw faults.failedAs({ why: `failed to renew entry: ${cause.wire.join('; ')}` }, { cause })
    }
    if (fresh?.groupAliases !== undefined && entry.entityId !== '')
      await refreshGroups(entry.entityId, entry.mountAccessor, fresh.groupAliases)
    const terms = { ...grant, ...fresh }
    const { ttl, warnings } = effectiveTtl(defaultsOf(mount.entry), {
      increment,
      backendTtl: terms.ttl ?? 0,
      period: terms.period ?? 0,
      backendMaxTtl: terms.maxTtl ?? 0,
      explicitMaxTtl: terms.explicitMaxTtl ?? 0,
      start: entry.issueTime,
      now: now.getTime(),
    })
    return {
      ttl,
      warnings,
      change: { ...(fresh?.internal !== undefined && { internal: fresh.internal }) },
    }
  },
})

/** The grant as it was made, as far as it still matters. */
const grantOf = (entry: TokenEntry): Grant => ({
  policies: entry.policies,
  displayName: entry.displayName,
  ...(entry.metadata && { metadata: entry.metadata }),
  ttl: seconds(entry.grantTtl),
  maxTtl: seconds(entry.grantMaxTtl),
  period: seconds(entry.period),
  explicitMaxTtl: seconds(entry.explicitMaxTtl),
  numUses: entry.numUses,
  tokenType: entry.type,
  boundCidrs: entry.boundCidrs,
  noDefaultPolicy: entry.noDefaultPolicy,
  renewable: entry.renewable,
  ...(entry.internal !== undefined && { internal: entry.internal }),
})
