/** What of `sys/` a namespace below the root one has not, and what a namespace with no seal of its own cannot. Paths are from the namespace. */
import { faults } from '../../logical/index.ts'

/** The server's own: asked for in the root namespace alone. Refused before anybody is asked who they are. */
const ROOT_ONLY =
  /^sys\/(?:(?:audit|audit-hash|config\/(?:auditing|cors|reload|state|ui)|generate-recovery-token|generate-root|health|host-info|in-flight-req|init|internal\/inspect\/router|loggers|metrics|monitor|pprof|raw|rekey|rekey-recovery-key|seal|step-down|unseal)(?:\/|$)|(?:mfa|quotas|replication|storage)\/)/

export function refuseOutsideRoot(path: string): void {
  if (path.startsWith('sys/') && ROOT_ONLY.test(path)) throw faults.refused({ why: 'operation only available in root namespace' })
}

const OF_A_SEAL = /^sys\/(?:key-status|rotate)(?:\/|$)/

/** There is one seal, that of the server: the keys of a namespace are those of the root one. */
export function refuseWithoutSeal(path: string): void {
  if (!OF_A_SEAL.test(path)) return
  if (path === 'sys/rotate/root') throw faults.failedAs({ why: 'failed to rotate barrier root key: namespace is not sealable' })
  throw faults.refused({ why: 'namespace is not sealable' })
}
