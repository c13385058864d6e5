import type { Json, Seconds } from '../../kernel/index.ts'
import type { View } from './view.ts'

/** What a login or a token creation grants; core turns it into a token. */
export interface Grant {
  readonly policies: readonly string[]
  readonly metadata?: Readonly<Record<string, string>>
  readonly displayName: string
  /** Name of the caller in this method, for identity: the role id of an AppRole, a user name. */
  readonly alias?: { readonly name: string; readonly metadata?: Readonly<Record<string, string>> }
  /** Groups that the caller is in by what this method knows: external groups with these aliases on its mount take it in, others let it go. */
  readonly groupAliases?: readonly string[]
  /** 0 or absent: the mount's default. */
  readonly ttl?: Seconds
  /** 0 or absent: the mount's maximum. */
  readonly maxTtl?: Seconds
  readonly period?: Seconds
  readonly explicitMaxTtl?: Seconds
  /** 0 or absent: unlimited. */
  readonly numUses?: number
  readonly tokenType?: TokenTypeWish
  readonly boundCidrs?: readonly string[]
  readonly noDefaultPolicy?: boolean
  /** Absent: renewable, as far as the type of the token allows. */
  readonly renewable?: boolean
  /** Sealed with the token, given back to the method at renewal; never shown. */
  readonly internal?: Json
}

export type TokenTypeWish = 'service' | 'batch' | 'default' | 'default-service' | 'default-batch'

/** A secret that lives under a lease: what core must keep so that it can be renewed and revoked. */
export interface Issued {
  /** Name of the engine's SecretKind. */
  readonly kind: string
  /** Sealed with the lease; all that `renew` and `revoke` will be given. */
  readonly internal: Json
  readonly ttl?: Seconds
  readonly maxTtl?: Seconds
  readonly renewable: boolean
  /**
   * Run on the engine's own storage, in the transaction that stores the lease: what the engine wrote down before it made the secret,
   * in case it should die on the way, goes in the moment when the lease takes its place. A throw means no lease, and the secret is
   * then revoked. May run more than once, so it must change nothing else.
   */
  readonly settle?: (view: View) => Promise<void>
}
