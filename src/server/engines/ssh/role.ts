import { collection, type Collection, type View } from '../../logical/index.ts'
import type { Options } from './certificate.ts'

/** A role of one-time passwords. */
export interface OtpRole {
  readonly keyType: 'otp'
  readonly defaultUser: string
  /** These three with commas between their parts. */
  readonly cidrList: string
  readonly excludeCidrList: string
  readonly allowedUsers: string
  readonly port: number
}

/** A role of certificates. Lists with commas between their parts; spans in seconds, 0: not set. */
export interface CaRole {
  readonly keyType: 'ca'
  readonly algorithmSigner: string
  readonly allowBareDomains: boolean
  readonly allowCommasInIdentityTemplates: boolean
  readonly allowEmptyPrincipals: boolean
  readonly allowHostCertificates: boolean
  readonly allowSubdomains: boolean
  readonly allowUserCertificates: boolean
  readonly allowUserKeyIds: boolean
  readonly allowWildcardsInIdentityTemplates: boolean
  readonly allowedCriticalOptions: string
  readonly allowedDomains: string
  readonly allowedDomainsTemplate: boolean
  readonly allowedExtensions: string
  /** null: nothing said for that type, so that none is long enough. */
  readonly allowedUserKeyLengths: Readonly<Record<string, readonly number[] | null>>
  readonly allowedUsers: string
  readonly allowedUsersTemplate: boolean
  readonly defaultCriticalOptions: Options
  readonly defaultExtensions: Options
  readonly defaultExtensionsTemplate: boolean
  readonly defaultUser: string
  readonly defaultUserTemplate: boolean
  readonly issuerRef: string
  readonly keyIdFormat: string
  readonly maxTtl: number
  readonly notBeforeDuration: number
  readonly ttl: number
}

/** As kept, `role/<name>`. */
export type Role = OtpRole | CaRole

export const rolesOf = (view: View): Collection<Role> => collection<Role>(view, 'role/')

/** The parts of a list with commas: trimmed, each once. */
export const partsOf = (list: string): readonly string[] => [
  ...new Set(
    list
      .split(',')
      .map(it => it.trim())
      .filter(it => it !== ''),
  ),
]
