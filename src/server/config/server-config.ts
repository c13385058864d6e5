import type { LogLevel, Seconds, SourceRange } from '../../kernel/index.ts'

/** What the files say, checked and typed; defaults are in it. */
export interface ServerConfig {
  readonly storage: StorageConfig
  /** At least one. */
  readonly listeners: readonly ListenerConfig[]
  /** None: people unseal it. Two: it is to be taken over from the disabled one. */
  readonly seals: readonly SealConfig[]
  readonly apiAddr?: string
  readonly clusterAddr?: string
  readonly clusterName?: string
  readonly defaultLeaseTtl: Seconds
  readonly maxLeaseTtl: Seconds
  /** Absent: as many attempts as the peer makes. */
  readonly leaseRevocationHorizon?: Seconds
  readonly logLevel?: LogLevel
  readonly logFormat?: LogFormat
  readonly logFile?: string
  readonly pidFile?: string
  readonly audit: readonly AuditConfig[]
  /** Devices may be made over the API too. */
  readonly apiAuditCreation: boolean
  readonly auditPrefixes: boolean
  /** By type of auth method, `all` for those that are not named. */
  readonly userLockout: Readonly<Record<string, UserLockoutConfig>>
}

/** Spans in seconds. What is absent is the default. */
export interface UserLockoutConfig {
  readonly threshold?: number
  readonly duration?: Seconds
  readonly counterReset?: Seconds
  readonly disable?: boolean
}

export interface AuditConfig {
  readonly type: string
  /** Without slashes at its ends. */
  readonly path: string
  readonly description: string
  readonly local: boolean
  readonly options: Readonly<Record<string, string>>
  readonly at: SourceRange
}

export type LogFormat = 'standard' | 'json'

export interface StorageConfig {
  readonly type: string
  readonly options: Readonly<Record<string, string>>
  readonly at: SourceRange
}

export interface SealConfig {
  readonly type: string
  readonly disabled: boolean
  /** Secrets may be among them. */
  readonly options: Readonly<Record<string, string>>
  readonly at: SourceRange
}

export interface ListenerConfig {
  readonly address: ListenerAddress
  /** Undefined: plain HTTP, which was asked for. */
  readonly tls?: ListenerTlsConfig
  readonly maxRequestSize?: number
  readonly maxRequestJsonMemory?: number
  readonly maxRequestJsonStrings?: number
  readonly maxRequestDuration?: Seconds
  readonly requireRequestHeader: boolean
  readonly maxConnections?: number
  readonly readHeaderTimeout?: Seconds
  readonly readTimeout?: Seconds
  readonly idleTimeout?: Seconds
  readonly forwardedFor?: ForwardedForConfig
  /** What those who hold shares may do without a token. */
  readonly withoutToken: { readonly rekey: boolean; readonly generateRoot: boolean }
  readonly at: SourceRange
}

export type ListenerAddress = { readonly host: string; readonly port: number } | { readonly path: string; readonly mode?: number }

export interface ListenerTlsConfig {
  readonly certFile: string
  readonly keyFile: string
  readonly minVersion: 'TLSv1.2' | 'TLSv1.3'
  readonly maxVersion?: 'TLSv1.2' | 'TLSv1.3'
  /** OpenSSL's names. */
  readonly cipherSuites?: readonly string[]
  readonly clientCaFile?: string
  readonly requireAndVerifyClientCert: boolean
  readonly disableClientCerts: boolean
}

export interface ForwardedForConfig {
  readonly authorizedAddrs: readonly string[]
  readonly hopSkips: number
  readonly rejectNotPresent: boolean
  readonly rejectNotAuthorized: boolean
}
