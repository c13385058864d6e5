import type { CredentialType } from './plugin/index.ts'

/** Spans in seconds; 0: the mount's. */
export interface Role {
  readonly dbName: string
  readonly credentialType: CredentialType
  readonly credentialConfig: CredentialConfig
  readonly creation: readonly string[]
  readonly revocation: readonly string[]
  readonly rollback: readonly string[]
  readonly renewal: readonly string[]
  readonly defaultTtl: number
  readonly maxTtl: number
}
export type CredentialConfig = Readonly<Record<string, string | number>>

/** The account is somebody else's; only its credential is ours. Times in epoch milliseconds. */
export interface StaticRole {
  readonly dbName: string
  readonly username: string
  readonly credentialType: CredentialType
  readonly credentialConfig: CredentialConfig
  readonly rotation: readonly string[]
  /** Seconds; 0 where a schedule says when. */
  readonly rotationPeriod: number
  readonly rotationSchedule: string
  /** Seconds; 0: any time after the schedule. */
  readonly rotationWindow: number
  readonly lastRotation: number
  readonly password: string
}
