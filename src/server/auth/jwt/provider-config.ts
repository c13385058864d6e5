/** `provider_config`: what some providers do their own way. One entry a provider. */
import { goQuote } from '../../../kernel/index.ts'
import { ClaimsRefused, type Claims } from './claims.ts'
import { objectOf, OutsideFailure, type Outside } from './outside.ts'
import { claimAt } from './pointer.ts'

export interface GroupsQuestion {
  readonly claims: Claims
  /** Name or pointer of the claim. */
  readonly name: string
  /** What the provider gave to ask it with; undefined when the login came with a token alone. */
  readonly accessToken: string | undefined
  readonly outside: () => Outside
  readonly signal: AbortSignal
}

interface Provider {
  /** The value of the groups claim. Rejects with ClaimsRefused. */
  groups(question: GroupsQuestion): Promise<unknown>
}

/** These write the names of groups into one text. */
const splitBy = (separator: string): Provider => ({
  async groups({ claims, name }) {
    const value = claimAt(claims, name)
    return typeof value === 'string' ? value.split(separator) : value
  },
})

/** The old API of groups has moved; tokens still name it. */
const MOVED: Readonly<Record<string, string>> = {
  'graph.windows.net': 'graph.microsoft.com',
  'graph.microsoftazure.us': 'graph.microsoft.us',
}

/** A member of more than 200 groups gets a claim that names where to ask (OpenID Connect Core 1.0, section 5.6.2). */
const azure: Provider = {
  async groups({ claims, name, accessToken, outside, signal }) {
    const value = claimAt(claims, name)
    if (value !== undefined) return value
    const source = claimAt(claims, `/_claim_names/${name}`)
    if (typeof source !== 'string') {
      throw new ClaimsRefused(`unable to get claim sources: unable to locate groups claim ${goQuote(name)} in _claim_names`)
    }
    const at = `/_claim_sources/${source}/endpoint`
    const endpoint = claimAt(claims, at)
    if (typeof endpoint !== 'string' || !URL.canParse(endpoint)) {
      throw new ClaimsRefused(`unable to get claim sources: unable to locate ${at} in claims`)
    }
    const wrong = (why: string, cause?: unknown): ClaimsRefused =>
      new ClaimsRefused(`${goQuote(name)} claim not found in token: ${why}`, { cause })
    if (accessToken === undefined) throw wrong('token unavailable to call Microsoft Graph API')
    const url = new URL(endpoint)
    const moved = MOVED[url.host]
    if (moved !== undefined) {
      url.host = moved
      url.pathname = `/v1.0${url.pathname}`
    }
    try {
      const authorization = `Bearer ${accessToken}`
      const answer = await outside().ask({ url: url.href, json: { securityEnabledOnly: false }, authorization }, signal)
      if (answer.status !== 200) throw wrong(`failed to get groups: ${answer.statusLine}`)
      return objectOf(answer.body)?.['value'] ?? null
    } catch (cause) {
      if (!(cause instanceof OutsideFailure)) throw cause
      throw wrong(`unable to call Microsoft Graph API: ${cause.message}`, cause)
    }
  },
}

const PROVIDERS: Readonly<Record<string, Provider>> = { azure, ibmisam: splitBy(' '), secureauth: splitBy(',') }

/** What is wrong with a `provider_config`, in the peer's words. */
export function wrongProvider(config: Readonly<Record<string, unknown>>): string | undefined {
  if (Object.keys(config).length === 0) return undefined
  const name = config['provider']
  if (typeof name !== 'string') return "'provider' field not found in provider_config"
  return Object.hasOwn(PROVIDERS, name) ? undefined : `provider ${goQuote(name)} not found in custom providers`
}

export function providerOf(config: Readonly<Record<string, unknown>>): Provider | undefined {
  const name = config['provider']
  return typeof name === 'string' && Object.hasOwn(PROVIDERS, name) ? PROVIDERS[name] : undefined
}
