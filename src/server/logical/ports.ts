/** What core offers to its own built-in backends (sys, auth/token), typed here so that they never see core's insides. */
import type { Json, Random, Seconds } from '../../kernel/index.ts'
import type { AccessQuery, Explanation } from '../../policy/index.ts'
import type { WireObject } from '../../schema/index.ts'
import type { TokenFacts, TokenType } from './caller.ts'
import type { IdentityPort } from './identity.ts'
import type { MfaPort } from './mfa.ts'
import type { LeaseDefaults } from './mount.ts'
import type { NamespaceRef, NamespacesPort } from './namespaces.ts'

/** A token as it is kept, but for the token itself, which is nowhere kept. Times are epoch milliseconds, spans seconds. */
export interface TokenEntry extends TokenFacts {
  /** Left; 0 is unlimited. */
  readonly numUses: number
  /** As granted, where they are counted: what a renewal shows. */
  readonly grantNumUses?: number
  readonly creationTime: number
  readonly creationTtl: number
  readonly explicitMaxTtl: number
  readonly period: number
  readonly role: string
  readonly parent: string
  readonly boundCidrs: readonly string[]
  readonly renewable: boolean
  readonly issueTime: number
  /** 0: never. */
  readonly expireTime: number
  /** 0: not yet. */
  readonly lastRenewal: number
  /** Whether a lease was registered for it: the first root token has none. */
  readonly leased: boolean
  /** Accessor of the auth mount that granted it, and what that method sealed with it. */
  readonly mountAccessor: string
  readonly internal?: Json
  /** The method's own limit (seconds), and its own ttl, as of the grant. */
  readonly grantTtl: number
  readonly grantMaxTtl: number
  readonly noDefaultPolicy: boolean
}

export interface TokenWish {
  readonly id?: string
  readonly policies: readonly string[]
  readonly path: string
  readonly displayName: string
  readonly metadata?: Readonly<Record<string, string>> | undefined
  readonly numUses?: number
  readonly ttl: number
  readonly explicitMaxTtl?: number
  readonly period?: number
  readonly role?: string
  readonly parent?: string
  readonly boundCidrs?: readonly string[]
  readonly entityId?: string
  readonly renewable: boolean
  readonly type: TokenType
  readonly leased?: boolean
  readonly mountAccessor?: string
  readonly internal?: Json
  readonly grantTtl?: number
  readonly grantMaxTtl?: number
  readonly noDefaultPolicy?: boolean
  /** Id of the namespace that it shall live in; absent: the root one. */
  readonly namespace?: string
}

export interface CreatedToken {
  /** The token itself: shown once, kept nowhere. */
  readonly token: string
  readonly entry: TokenEntry
}

export interface TokensPort {
  /** Rejects with a fault when a wished id cannot be had. */
  create(wish: TokenWish): Promise<CreatedToken>
  /** A live token, of whichever namespace; undefined for anything else. */
  lookup(token: string): Promise<TokenEntry | undefined>
  byId(id: string): Promise<TokenEntry | undefined>
  /** Rejects when the accessor is of another namespace. */
  byAccessor(accessor: string): Promise<TokenEntry | undefined>
  /** Of this namespace. */
  accessors(): Promise<readonly string[]>
  /** New expiry from now; undefined when it is gone meanwhile. */
  renew(
    entry: TokenEntry,
    change: { readonly ttl: number; readonly period?: number; readonly internal?: Json },
  ): Promise<TokenEntry | undefined>
  /** The token and all below it, with their leases. */
  revokeTree(id: string): Promise<void>
  /** The token alone; its children live on as orphans. */
  revokeOrphan(id: string): Promise<void>
  /** Looks for what points nowhere, and removes it. */
  tidy(): Promise<void>
}

/** On what terms a token may live on: what its method says today, within the times of its mount. */
export interface RenewalsPort {
  /** Seconds from now. Rejects when the method no longer vouches for it. */
  terms(
    entry: TokenEntry,
    increment: number,
    now: Date,
    signal: AbortSignal,
  ): Promise<{
    readonly ttl: number
    readonly warnings: readonly string[]
    readonly change: { readonly period?: number; readonly internal?: Json }
  }>
}

export interface PolicyRecord {
  readonly name: string
  readonly text: string
  readonly version: number
  readonly modified: string
  readonly casRequired: boolean
  readonly expiration?: string
  readonly allowSlashes: boolean
  readonly allowWildcards: boolean
}
export interface PolicyWish {
  readonly text?: string
  readonly cas?: number
  readonly casRequired?: boolean
  readonly expiration?: Date
  readonly allowSlashes?: boolean
  readonly allowWildcards?: boolean
  /** A patch: what is not said stays. */
  readonly patch?: boolean
}
export interface PasswordPoliciesPort {
  names(): Promise<readonly string[]>
  /** Its text, as written. */
  read(name: string): Promise<string | undefined>
  /** Rejects with a fault that carries the peer's words for a text it refuses. */
  write(name: string, text: string): Promise<void>
  delete(name: string): Promise<void>
  /** A password by the policy; undefined when there is none of that name. */
  generate(name: string): Promise<string | undefined>
}

export interface PoliciesPort {
  read(name: string): Promise<PolicyRecord | undefined>
  /** Rejects with a fault that carries the peer's words for a text it refuses. */
  write(name: string, wish: PolicyWish): Promise<void>
  delete(name: string): Promise<void>
  /** Sorted, `root` last. */
  names(): Promise<readonly string[]>
  /** As sys/capabilities answers for a token with these policies. Rejects with a fault where they cannot be used at all. */
  capabilities(token: TokenFacts, path: string): Promise<readonly string[]>
  /** Why a token with these policies may, or may not. */
  explain(policies: readonly string[], query: AccessQuery): Promise<Explanation>
  /** Whether the token may reach anything below a mount. */
  mayReach(token: TokenFacts, mountPath: string): Promise<boolean>
}

/** When failed logins lock a user out. Spans in seconds. */
export interface LockoutSettings {
  readonly threshold: number
  readonly duration: number
  /** After so long without a failure, those before count no more. */
  readonly counterReset: number
  readonly disable: boolean
}
export interface LockedUser {
  readonly mountAccessor: string
  readonly alias: string
  readonly namespace: NamespaceRef
}
export interface LockoutPort {
  locked(): readonly LockedUser[]
  /** Unknown is success. */
  unlock(mountAccessor: string, alias: string): Promise<void>
}

export interface CorsConfig {
  /** `*` alone for all. */
  readonly allowedOrigins: readonly string[]
  readonly allowedHeaders: readonly string[]
  readonly allowCredentials: boolean
}
export interface VersionRun {
  readonly version: string
  /** When it first ran, RFC 3339. */
  readonly since: string
}
export interface SettingsPort {
  /** Undefined: no web page may talk to this server. */
  readonly cors: CorsConfig | undefined
  setCors(config: CorsConfig | undefined): Promise<void>
  readonly uiHeaders: Readonly<Record<string, readonly string[]>>
  /** Undefined removes it. */
  setUiHeader(name: string, values: readonly string[] | undefined): Promise<void>
  /** In the order in which they came. */
  readonly versions: readonly VersionRun[]
}

export interface RateLimitQuota {
  readonly name: string
  /** '' for everything; a mount's ends in a slash, a path inside of one does not, and may end in `*`. */
  readonly path: string
  /** Of the logins at an auth mount; '' for any. */
  readonly role: string
  /** Requests an interval from one address. */
  readonly rate: number
  /** Seconds. */
  readonly interval: number
  /** Seconds for which an address that asked for too much is kept out; 0: until the interval is over. */
  readonly blockInterval: number
  readonly inheritable: boolean
}
export type RateLimitWish = Omit<RateLimitQuota, 'name' | 'inheritable'> & { readonly inheritable?: boolean | undefined }
export interface QuotaConfig {
  readonly auditRefusals: boolean
  readonly responseHeaders: boolean
  readonly exemptPaths: readonly string[]
}
export interface QuotasPort {
  readonly config: QuotaConfig
  configure(config: QuotaConfig): Promise<void>
  names(): readonly string[]
  read(name: string): RateLimitQuota | undefined
  /** Rejects with a fault that says what is wrong with it. */
  write(name: string, wish: RateLimitWish): Promise<void>
  delete(name: string): Promise<void>
}

export interface MountConfig {
  /** Seconds; 0: the server's default. */
  readonly defaultLeaseTtl: number
  readonly maxLeaseTtl: number
  readonly forceNoCache: boolean
  readonly listingVisibility?: string
  readonly tokenType?: string
  readonly auditNonHmacRequestKeys?: readonly string[]
  readonly auditNonHmacResponseKeys?: readonly string[]
  readonly passthroughRequestHeaders?: readonly string[]
  readonly allowedResponseHeaders?: readonly string[]
  readonly userLockout?: LockoutSettings
}
export interface MountEntry {
  readonly table: 'secret' | 'auth'
  /** Below its table: `secret/`, `approle/`. */
  readonly path: string
  readonly type: string
  readonly description: string
  readonly uuid: string
  readonly accessor: string
  /** null as long as nobody gave any, as the API tells the two apart. */
  readonly options: Readonly<Record<string, string>> | null
  readonly config: MountConfig
  readonly local: boolean
  readonly sealWrap: boolean
  readonly externalEntropyAccess: boolean
  readonly pluginVersion: string
}
export interface MountWish {
  readonly type: string
  readonly description: string
  readonly options: Readonly<Record<string, string>> | null
  readonly config: MountConfig
  readonly local: boolean
  readonly sealWrap: boolean
  readonly externalEntropyAccess: boolean
}
export interface RemountStatus {
  readonly id: string
  readonly source: string
  readonly target: string
  readonly status: 'in-progress' | 'success' | 'failure'
}
export type PluginType = 'auth' | 'database' | 'secret'
export interface MountsPort {
  list(table: 'secret' | 'auth'): readonly MountEntry[]
  find(table: 'secret' | 'auth', path: string): MountEntry | undefined
  /** The mount with this accessor. */
  withAccessor(accessor: string): MountEntry | undefined
  enable(table: 'secret' | 'auth', path: string, wish: MountWish): Promise<void>
  /** Revokes its leases, then forgets it and its data. Absent is success. */
  disable(table: 'secret' | 'auth', path: string): Promise<void>
  tune(
    entry: MountEntry,
    change: { readonly description?: string; readonly options?: Readonly<Record<string, string>>; readonly config?: Partial<MountConfig> },
  ): Promise<void>
  /** The times in force: the mount's own, else the server's. */
  leaseDefaults(entry: MountEntry): LeaseDefaults
  /** Names of what can be mounted, sorted. */
  plugins(type: PluginType): readonly string[]
  /** The `paths` of an OpenAPI document, of everything that is mounted. */
  describe(): WireObject
}

/** What reaches over the borders of namespaces. Paths are from the namespace that asks, with `auth/` in front where they are auth mounts. */
export interface PlacesPort {
  /** The mount that a path belongs to, in whichever namespace; `path`: where it is, from here. */
  mountOf(path: string): { readonly entry: MountEntry; readonly path: string; readonly namespace: NamespaceRef } | undefined
  remount(from: string, to: string): Promise<RemountStatus>
  remountStatus(id: string): RemountStatus | undefined
}

export interface LeaseFacts {
  readonly id: string
  readonly kind: 'token' | 'secret'
  /** Of the request that made it. */
  readonly path: string
  readonly issueTime: number
  readonly expireTime: number
  readonly lastRenewal: number
  readonly renewable: boolean
  /** The namespace of its request. */
  readonly namespace: NamespaceRef
}
export interface LeasesPort {
  look(id: string): Promise<LeaseFacts | undefined>
  list(prefix: string): Promise<readonly string[]>
  renew(
    id: string,
    increment: Seconds | undefined,
  ): Promise<{ readonly lease: LeaseFacts; readonly ttl: number; readonly warnings: readonly string[] }>
  /** An unknown id is success. `wait`: only when it is undone at its source. */
  revoke(id: string, wait: boolean): Promise<void>
  /** `force`: forgets what cannot be undone. */
  revokePrefix(prefix: string, how: { readonly wait: boolean; readonly force: boolean }): Promise<void>
  /** Those that no attempt could undo, with the last reason. `deep`: also those of namespaces below. */
  irrevocable(deep: boolean): Promise<readonly { readonly id: string; readonly mountAccessor: string; readonly why: string }[]>
  /** Removes index entries of leases that are gone. */
  tidy(): Promise<void>
}

export interface WrapFacts {
  readonly token: string
  readonly accessor: string
  readonly ttl: number
  readonly creationTime: string
  readonly creationPath: string
  readonly wrappedAccessor?: string
}
/** The wrapping token as sent, or the token that made the request. Every bad one gives the same fault. */
export interface WrappingPort {
  /** What was wrapped, as the JSON text of the reply it would have been; the token is used up. */
  unwrap(which: string | TokenFacts): Promise<string>
  look(which: string | TokenFacts): Promise<{ readonly creationPath: string; readonly creationTime: string; readonly creationTtl: number }>
  /** Another token for the same reply; the old one is used up. */
  rewrap(which: string | TokenFacts): Promise<WrapFacts>
}

export interface KeyStatus {
  readonly term: number
  readonly installTime: string
  readonly encryptions: number
}
export interface RotationConfig {
  readonly enabled: boolean
  readonly maxOperations: number
  /** Seconds; 0: the age of the key does not matter. */
  readonly interval: number
}

export interface RootGenerationStatus {
  readonly nonce: string
  readonly started: boolean
  readonly progress: number
  readonly required: number
  /** Of the public key that the token is to be encrypted with; '' for none. */
  readonly pgpFingerprint: string
}
/** A root token for a quorum of shares. Refusals are faults. */
export interface RootGenerationPort {
  readonly otpLength: number
  status(): RootGenerationStatus
  /** Gives back the one-time pad that it made, if none was brought. */
  start(wish: { readonly otp: string; readonly pgpKey: string }): RootGenerationStatus & { readonly otp: string }
  /** The token comes with the last share: XORed with the pad, in base64 without its end; or encrypted, in base64. */
  update(key: string, nonce: string): Promise<RootGenerationStatus & { readonly encodedToken?: string }>
  cancel(): void
}

export interface RekeyParameters {
  readonly shares: number
  readonly threshold: number
  readonly pgpKeys: readonly string[]
  readonly backup: boolean
  /** The new shares come into force only when enough of them have been given back. */
  readonly verify: boolean
}
export interface RekeyStatus {
  readonly nonce: string
  readonly started: boolean
  /** Of the new shares. */
  readonly threshold: number
  readonly shares: number
  readonly progress: number
  readonly required: number
  readonly verificationRequired: boolean
  readonly verificationNonce: string
  /** Of the public keys that the new shares are to be encrypted with; undefined: with none. */
  readonly pgpFingerprints: readonly string[] | undefined
  readonly backup: boolean
}
export interface RekeyVerification {
  readonly nonce: string
  readonly started: boolean
  readonly threshold: number
  readonly shares: number
  readonly progress: number
}
export type RekeyUpdate =
  | { readonly complete: false; readonly status: RekeyStatus }
  /** The shares, or the messages that they are encrypted in. */
  | { readonly complete: true; readonly status: RekeyStatus; readonly shares: readonly Uint8Array[] }
/** New shares for a quorum of old ones. Refusals are faults. */
export interface RekeyPort {
  status(): RekeyStatus
  /** Complete at once where nobody has to be asked. */
  start(parameters: RekeyParameters): Promise<RekeyUpdate>
  update(key: string, nonce: string): Promise<RekeyUpdate>
  cancel(): void
  verification(): RekeyVerification
  verify(key: string, nonce: string): Promise<{ readonly complete: boolean; readonly status: RekeyVerification }>
  /** Forgets what was given back so far, under a new nonce. */
  restartVerification(): RekeyVerification
}

/** Encrypted shares, kept in case that an answer was lost. */
export interface ShareBackupPort {
  /** Hexadecimal messages by fingerprint. Rejects with a fault when there is none. */
  read(): Promise<{ readonly nonce: string; readonly keys: Readonly<Record<string, readonly string[]>> }>
  delete(): Promise<void>
}

export interface SealPort {
  seal(): Promise<void>
  keyStatus(): KeyStatus
  rotate(): Promise<void>
  rotationConfig(): RotationConfig
  configureRotation(change: Partial<RotationConfig>): Promise<void>
  /** Another root key under the same shares. */
  rotateRoot(): Promise<void>
  readonly rootGeneration: RootGenerationPort
  readonly rotation: RekeyPort
  /** Of the recovery key. Undefined: there is none, as people hold the shares of the key itself. */
  readonly recoveryRotation: RekeyPort | undefined
  readonly backup: ShareBackupPort
  readonly recoveryBackup: ShareBackupPort
  decodeRootToken(encoded: string, otp: string): string
  /** The whole store as it is now, as an archive. */
  snapshot(): AsyncIterable<Uint8Array>
  /**
   * Puts the archive's store in place of this one. `force`: also when it is another server's, or of other keys, which are needed then
   * to unseal it. Rejects with a fault, and nothing changed, when it is no whole archive, or not this server's.
   */
  restore(archive: AsyncIterable<Uint8Array>, force: boolean): Promise<void>
  /** Facts for sys/seal-status as seen with a token are the operator's; see Core. */
}

/** An audit device, as the API shows it. */
export interface AuditDeviceFacts {
  /** With its final slash. */
  readonly path: string
  readonly type: string
  readonly description: string
  readonly local: boolean
  readonly options: Readonly<Record<string, string>>
}
export type AuditWish = Omit<AuditDeviceFacts, 'path'>
export interface AuditedHeadersPort {
  all(): Readonly<Record<string, { readonly hmac: boolean }>>
  get(name: string): { readonly hmac: boolean } | undefined
  put(name: string, hmac: boolean): Promise<void>
  delete(name: string): Promise<void>
}
export interface AuditPort {
  readonly headers: AuditedHeadersPort
  list(): readonly AuditDeviceFacts[]
  /** Rejects with a fault that says what is wrong with it. */
  enable(path: string, wish: AuditWish): Promise<void>
  /** Absent is success. */
  disable(path: string): Promise<void>
  /** What an entry of that device shows in place of a string. */
  hash(path: string, input: string): string
}

export interface ServerFacts {
  readonly version: string
  readonly clusterName: string
  readonly clusterId: string
  readonly storageType: string
  readonly apiAddress: string
  readonly hostName: string
  readonly defaultLeaseTtl: number
  readonly maxLeaseTtl: number
}

/** All of it, as sys gets it. */
export interface SystemPorts {
  readonly namespaces: NamespacesPort
  readonly places: PlacesPort
  readonly mounts: MountsPort
  readonly policies: PoliciesPort
  readonly passwordPolicies: PasswordPoliciesPort
  readonly identity: IdentityPort
  readonly mfa: MfaPort
  readonly tokens: TokensPort
  readonly renewals: RenewalsPort
  readonly leases: LeasesPort
  readonly wrapping: WrappingPort
  readonly seal: SealPort
  readonly audit: AuditPort
  readonly quotas: QuotasPort
  readonly lockout: LockoutPort
  readonly settings: SettingsPort
  readonly random: Random
  facts(): ServerFacts
}
