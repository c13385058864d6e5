import { noOldTokenWords, noTokenSettings, type OldTokenWords, type TokenSettings } from '../../framework/index.ts'

export const CALLBACK_MODES = ['client', 'device', 'direct'] as const
export type CallbackMode = (typeof CALLBACK_MODES)[number]

/** What a provider gives beside claims, and a token's metadata may carry. */
export const OAUTH2_METADATA = ['id_token', 'refresh_token', 'access_token'] as const

/** A role as kept, `role/<name>`, the name in lower case. Spans in seconds; null: never given, which the API shows. */
export interface Role extends TokenSettings {
  readonly type: 'jwt' | 'oidc'
  /** 0: the default; below: none. */
  readonly expirationLeeway: number
  readonly notBeforeLeeway: number
  readonly clockSkewLeeway: number
  readonly boundAudiences: readonly string[] | null
  readonly boundSubject: string
  readonly boundClaimsType: 'string' | 'glob'
  readonly boundClaims: Readonly<Record<string, unknown>> | null
  /** From claims to keys of the metadata. */
  readonly claimMappings: Readonly<Record<string, string>> | null
  readonly oauth2Metadata: readonly string[] | null
  readonly userClaim: string
  readonly userClaimJsonPointer: boolean
  readonly groupsClaim: string
  readonly oidcScopes: readonly string[] | null
  readonly allowedRedirectUris: readonly string[] | null
  readonly callbackMode: CallbackMode
  readonly pollInterval: number
  readonly verboseOidcLogging: boolean
  readonly maxAge: number
  readonly tokenPoliciesTemplateClaims: boolean
  readonly oidcDisableConfirmation: boolean
  readonly old: OldTokenWords
}

export const newRole: Role = {
  ...noTokenSettings,
  type: 'oidc',
  expirationLeeway: 0,
  notBeforeLeeway: 0,
  clockSkewLeeway: 0,
  boundAudiences: null,
  boundSubject: '',
  boundClaimsType: 'string',
  boundClaims: null,
  claimMappings: null,
  oauth2Metadata: null,
  userClaim: '',
  userClaimJsonPointer: false,
  groupsClaim: '',
  oidcScopes: null,
  allowedRedirectUris: null,
  callbackMode: 'client',
  pollInterval: 0,
  verboseOidcLogging: false,
  maxAge: 0,
  tokenPoliciesTemplateClaims: false,
  oidcDisableConfirmation: false,
  old: noOldTokenWords,
}
