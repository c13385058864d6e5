import type { Json, Seconds } from '../../kernel/index.ts'
import type { WireObject } from '../../schema/index.ts'
import type { BackendRequest } from './caller.ts'
import type { Grant, Issued } from './grant.ts'
import type { Access, OpName } from './operation.ts'
import type { WrapFacts } from './ports.ts'

/** What a backend answers; the envelope, leases, tokens, wrapping and audit are core's business. */
/** In pieces, as they are made, where it is too large for one. */
export type RawBody = Uint8Array | AsyncIterable<Uint8Array>

export type Outcome = { readonly warnings: readonly string[] } & (
  | { readonly is: 'nothing'; readonly status?: number }
  /** `leaseDuration`: shown as `lease_duration` though there is no lease (kv version 1). */
  | { readonly is: 'data'; readonly data: WireObject | null; readonly status?: number; readonly leaseDuration?: Seconds }
  | { readonly is: 'lease'; readonly data: WireObject; readonly secret: Issued }
  | { readonly is: 'auth'; readonly grant: Grant; readonly data?: WireObject }
  | { readonly is: 'token'; readonly auth: WireObject; readonly wrappedAccessor?: string }
  | { readonly is: 'renewed'; readonly id: string; readonly ttl: number; readonly renewable: boolean }
  /** A reply that is itself a wrapping token (rewrap). */
  | { readonly is: 'wrapped'; readonly wrap: WrapFacts }
  /** `maxAge`: how long it may be cached (RFC 9111, section 5.2.2.1); absent: not at all. */
  | { readonly is: 'raw'; readonly body: RawBody; readonly contentType: string; readonly status: number; readonly maxAge?: Seconds }
)

export interface RouteFacts {
  readonly access: Access
  /** As declared: `role/{role_name}`. */
  readonly template: string
  /** The data is also printed beside the envelope's keys, as about 25 old endpoints of sys do. */
  readonly alsoTopLevel: boolean
}

export interface LeaseContext {
  readonly now: Date
  readonly signal: AbortSignal
}

/** A mounted engine or auth method, as core sees it. */
export interface Backend {
  readonly type: string
  /** The route that would answer, for its access; undefined when none does. Cheap: called for every request before authorisation. */
  match(path: string, op: OpName): RouteFacts | undefined
  handle(request: BackendRequest): Promise<Outcome>
  /** Would this write create? undefined where the route does not distinguish (then it is an update). */
  exists(request: BackendRequest): Promise<boolean> | undefined
  /** Its routes as the `paths` of an OpenAPI document, below where it is mounted (no slash at either end). */
  describe(mount: string): WireObject
  /** `?help=1` for a path below the mount. */
  help(path: string): WireObject | undefined
  /** How much longer a lease of this kind may live when `increment` is asked for; undefined: as core would decide alone. */
  renewSecret(
    kind: string,
    internal: Json,
    increment: Seconds | undefined,
    context: LeaseContext,
  ): Promise<{ readonly ttl?: Seconds; readonly maxTtl?: Seconds }>
  /** Undoes what the lease stands for, at its source. Already gone is success. Rejects: core tries again. */
  revokeSecret(kind: string, internal: Json, context: LeaseContext): Promise<void>
  /** Asked at the renewal of a token that this auth method granted; undefined keeps the terms of the grant. Rejects: not renewed. */
  renewGrant?(grant: Grant, context: LeaseContext): Promise<Partial<Grant> | undefined>
  /** The role that a login is for, for quotas; undefined where there is none. Absent: its logins have no roles. */
  loginRole?(path: string, data: WireObject): Promise<string | undefined>
  /** The alias that a login would have, so that failures can be counted by it; nothing is proved yet. */
  loginAlias?(path: string, data: WireObject): string | undefined
  /** Periodic work, on the writer only. */
  tick?(now: Date, signal: AbortSignal): Promise<void>
  /** A key of the backend's own storage was changed elsewhere. */
  invalidate?(key: string): void
  close(): Promise<void>
}
