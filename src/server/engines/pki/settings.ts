/** What holds for a whole mount. */

/** Where clients find certificates, lists and answers: written into what is issued. */
export interface Urls {
  readonly issuingCertificates: readonly string[]
  readonly crlDistributionPoints: readonly string[]
  readonly deltaCrlDistributionPoints: readonly string[]
  readonly ocspServers: readonly string[]
  /** Whether they hold `{{issuer_id}}` and the like. */
  readonly templated: boolean
}
export const noUrls: Urls = {
  issuingCertificates: [],
  crlDistributionPoints: [],
  deltaCrlDistributionPoints: [],
  ocspServers: [],
  templated: false,
}

/** Where this mount is, as seen from outside. */
export interface ClusterConfig {
  readonly path: string
  readonly aiaPath: string
}

/** Durations stand as they were written. */
export interface CrlConfig {
  readonly expiry: string
  readonly disable: boolean
  readonly ocspDisable: boolean
  readonly ocspExpiry: string
  readonly autoRebuild: boolean
  readonly autoRebuildGracePeriod: string
  readonly enableDelta: boolean
  readonly deltaRebuildInterval: string
  readonly allowExpiredCertRevocation: boolean
}
export const defaultCrlConfig: CrlConfig = {
  expiry: '72h',
  disable: false,
  ocspDisable: false,
  ocspExpiry: '12h',
  autoRebuild: false,
  autoRebuildGracePeriod: '12h',
  enableDelta: false,
  deltaRebuildInterval: '15m',
  allowExpiredCertRevocation: false,
}

/** What a tidy looks at. Durations in seconds. */
export interface TidyConfig {
  readonly certStore: boolean
  readonly revokedCerts: boolean
  readonly invalidCerts: boolean
  readonly issuerAssociations: boolean
  readonly expiredIssuers: boolean
  readonly legacyBundle: boolean
  readonly acme: boolean
  readonly safetyBuffer: number
  /** Absent: as safetyBuffer. */
  readonly revokedSafetyBuffer?: number
  readonly issuerSafetyBuffer: number
  readonly acmeAccountSafetyBuffer: number
  readonly pauseDuration: number
  readonly pageSize: number
}
export interface AutoTidyConfig extends TidyConfig {
  readonly enabled: boolean
  readonly interval: number
  readonly maintainCounts: boolean
  readonly publishMetrics: boolean
}
const DAY = 86_400
export const defaultAutoTidy: AutoTidyConfig = {
  enabled: false,
  interval: DAY / 2,
  certStore: false,
  revokedCerts: false,
  invalidCerts: false,
  issuerAssociations: false,
  expiredIssuers: false,
  legacyBundle: false,
  acme: false,
  safetyBuffer: 3 * DAY,
  issuerSafetyBuffer: 365 * DAY,
  acmeAccountSafetyBuffer: 30 * DAY,
  pauseDuration: 0,
  pageSize: 1000,
  maintainCounts: false,
  publishMetrics: false,
}
