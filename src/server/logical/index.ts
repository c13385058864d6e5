/**
 * The vocabulary of the server: requests, outcomes, grants, leases, mounts as types, the faults, and the ports that core
 * offers to backends. Knows kernel and schema's types. Must not know how any of it is done.
 */
export { type Access, type OpName } from './operation.ts'
export { type BackendRequest, type Caller, type TokenFacts, type TokenType } from './caller.ts'
export { type Grant, type Issued, type TokenTypeWish } from './grant.ts'
export { type Backend, type LeaseContext, type Outcome, type RawBody, type RouteFacts } from './backend.ts'
export { type FilledTemplate, type Host, type LeaseDefaults, type MountFacts, type MountLeasesPort } from './mount.ts'
export { type NamespaceFacts, type NamespaceRef, type NamespacesPort, ROOT_NAMESPACE } from './namespaces.ts'
export type { MfaCredentials, MfaEnforcement, MfaEnforcementWish, MfaLogin, MfaMethod, MfaMethodWish, MfaPort } from './mfa.ts'
export { type Fault, faultCatalogue, faults, isFault } from './faults.ts'
export type {
  AliasWish,
  EntityWish,
  GroupMembers,
  GroupsOfEntity,
  GroupWish,
  IdentityAlias,
  IdentityEntity,
  IdentityGroup,
  IdentityKey,
  IdentityPort,
  Labels,
  MergeWish,
  WrittenAlias,
} from './identity.ts'
export { collection, type Collection, memoryView, type View } from './view.ts'
export {
  type Core,
  type CoreReply,
  type CoreRequest,
  type Gate,
  type InitParameters,
  type InitResult,
  type Operator,
  type Passing,
  type ReplyEnvelope,
  type SealStatus,
} from './core-port.ts'
export {
  type AuditDeviceFacts,
  type AuditedHeadersPort,
  type AuditPort,
  type AuditWish,
  type CorsConfig,
  type CreatedToken,
  type KeyStatus,
  type LeaseFacts,
  type LeasesPort,
  type LockedUser,
  type LockoutPort,
  type LockoutSettings,
  type MountConfig,
  type MountEntry,
  type MountsPort,
  type MountWish,
  type PasswordPoliciesPort,
  type PlacesPort,
  type PoliciesPort,
  type PolicyRecord,
  type PolicyWish,
  type PluginType,
  type QuotaConfig,
  type QuotasPort,
  type RateLimitQuota,
  type RateLimitWish,
  type RekeyParameters,
  type RekeyPort,
  type RekeyStatus,
  type RekeyUpdate,
  type RekeyVerification,
  type RemountStatus,
  type RenewalsPort,
  type RootGenerationPort,
  type RootGenerationStatus,
  type RotationConfig,
  type SealPort,
  type ShareBackupPort,
  type ServerFacts,
  type SettingsPort,
  type SystemPorts,
  type TokenEntry,
  type TokensPort,
  type TokenWish,
  type VersionRun,
  type WrapFacts,
  type WrappingPort,
} from './ports.ts'
export { effectiveTtl } from './ttl.ts'
