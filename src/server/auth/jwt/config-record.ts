/** The configuration of a mount as kept, `config`. Empty texts and lists: not given. */
export interface Config {
  readonly oidcDiscoveryUrl: string
  readonly oidcDiscoveryCaPem: string
  readonly oidcClientId: string
  readonly oidcClientSecret: string
  readonly oidcResponseMode: string
  readonly oidcResponseTypes: readonly string[]
  readonly jwksUrl: string
  readonly jwksCaPem: string
  readonly jwtValidationPubkeys: readonly string[]
  readonly jwtSupportedAlgs: readonly string[]
  readonly boundIssuer: string
  readonly defaultRole: string
  readonly providerConfig: Readonly<Record<string, unknown>>
  readonly overrideAllowedServerNames: readonly string[]
  readonly namespaceInState: boolean
}

/** Whether people can log in through a browser. */
export const hasBrowserFlow = (it: Config): boolean => it.oidcDiscoveryUrl !== '' && it.oidcClientId !== '' && it.oidcClientSecret !== ''

export const wantsType = (it: Config, type: 'code' | 'id_token'): boolean =>
  it.oidcResponseTypes.includes(type) || (it.oidcResponseTypes.length === 0 && type === 'code')
