import type { Json } from '../../kernel/index.ts'
import { namespaceIn } from './identifier.ts'

/**
 * A lease as it is stored, at `expire/id/<lease id>`, or at `expire/in/<namespace>/<lease id>`. Times are epoch milliseconds; an `expireTime` of 0 is never.
 *
 * States: live (expireTime ahead) → revoking (expireTime reached, or set to now by a revocation) → gone (record deleted)
 * or irrevocable (`irrevocable` says why). A crash in `revoking` starts it again at the next unseal.
 */
export interface LeaseRecord {
  readonly id: string
  /** A token's own lease ends the token; a secret's ends what an engine issued. */
  readonly kind: 'token' | 'secret'
  /** Path of the request that made it. */
  readonly path: string
  readonly tokenId: string
  readonly issueTime: number
  readonly expireTime: number
  readonly lastRenewal: number
  readonly renewable: boolean
  readonly mountAccessor: string
  readonly secret?: { readonly kind: string; readonly internal: Json; readonly ttl: number; readonly maxTtl: number }
  readonly attempts?: number
  /** When the first of them failed. */
  readonly failingSince?: number
  readonly irrevocable?: string
}

/** Leases of the namespaces below the root one are kept apart, so that a listing of one sees no other. */
export const NAMESPACED_LEASES = 'expire/in/'
export const leaseFolder = (namespace: string | undefined): string =>
  namespace === undefined ? 'expire/id/' : `${NAMESPACED_LEASES}${namespace}/`
export const leaseKey = (id: string): string => leaseFolder(namespaceIn(id)) + id
/** Secondary index: the leases of a token. The value is the lease id. */
export const leaseIndexPrefix = (tokenId: string): string => `expire/token/${tokenId}/`
