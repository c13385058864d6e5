/** What a core is made from: everything that it does not make itself. */
import type { Clock, Log, Random, Seconds } from '../../kernel/index.ts'
import type { AuditLog } from '../audit/index.ts'
import type { Barrier, SealStore } from '../barrier/index.ts'
import type { AuthMethod, SecretsEngine } from '../framework/index.ts'
import type { IdentityPort, LockoutSettings, MfaPort, MountEntry, SystemPorts } from '../logical/index.ts'
import type { KeyKeeper, KeySharing } from '../seal/index.ts'
import type { ReadRecipient } from './recipients.ts'

/** What the identity engine is made from. */
export interface IdentityEnginePorts {
  readonly identity: IdentityPort
  readonly mfa: MfaPort
  readonly mountOf: (accessor: string) => MountEntry | undefined
  readonly apiAddress: () => string
}

/** Copies of the whole store; see server/snapshot. */
export interface Snapshots {
  take(at: Date, vouch: (sums: Buffer) => Buffer): AsyncIterable<Uint8Array>
  /** Rejects with an Error whose message says what is wrong with the archive. */
  read(archive: AsyncIterable<Uint8Array>): Promise<{ readonly sums: Buffer; readonly sealed: Buffer; replaceStore(): Promise<void> }>
}

export interface CoreOptions {
  readonly barrier: Barrier
  readonly sealStore: SealStore
  readonly shares: KeySharing
  /** Who guards the store without people; and who did before. */
  readonly keeper?: KeyKeeper | undefined
  readonly formerKeeper?: KeyKeeper | undefined
  /** Reads public keys that shares are encrypted with. */
  readonly recipient: ReadRecipient
  readonly storageType: string
  readonly closeStorage: () => Promise<void>
  readonly snapshots: Snapshots
  readonly engines: Readonly<Record<string, SecretsEngine>>
  readonly authMethods: Readonly<Record<string, AuthMethod>>
  /** The built-in backends, made from the ports that core offers. */
  readonly system: (ports: SystemPorts) => SecretsEngine
  readonly tokenMethod: (ports: Pick<SystemPorts, 'tokens' | 'policies' | 'renewals' | 'identity'>) => AuthMethod
  readonly identityEngine: (ports: IdentityEnginePorts) => SecretsEngine
  readonly cubbyhole: SecretsEngine
  readonly audit: AuditLog
  /** Forgets what a token kept in its cubbyhole. */
  readonly dropCubbyhole: (view: ReturnType<Barrier['view']>, tokenId: string) => Promise<void>
  readonly clock: Clock
  readonly random: Random
  readonly log: Log
  readonly version: string
  /** Where clients reach this server, as it is known when it is asked for. */
  readonly apiAddress: () => string
  readonly clusterName?: string | undefined
  readonly defaultLeaseTtl: Seconds
  readonly maxLeaseTtl: Seconds
  /** How long a revocation that fails is tried again; absent: as often as the peer does. */
  readonly leaseRevocationHorizon?: Seconds | undefined
  readonly strictReplies?: boolean
  /** By type of auth method, `all` for those that are not named. */
  readonly userLockout?: Readonly<Record<string, Partial<LockoutSettings>>>
}
