import { goQuote } from '../../../kernel/index.ts'
import { f, type Decoded } from '../../../schema/index.ts'
import { gives, op, route, statefulFamily, type Family, type HandlersOf } from '../../framework/index.ts'
import { faults } from '../../logical/index.ts'
import { Malformed } from './compact.ts'
import type { Config } from './config-record.ts'
import { hasBrowserFlow } from './config-record.ts'
import { discover, NotDiscovered, WORDS } from './discovery.ts'
import { ALGORITHMS, NotVerified, PublishedKeys, publicKeyOf } from './keys.ts'
import type { Mount } from './mount.ts'
import { certificatesOf, Outside } from './outside.ts'
import { wrongProvider } from './provider-config.ts'

const shown = {
  oidc_discovery_url: f.string(
    'Address of an OpenID provider, without `/.well-known/openid-configuration`; the issuer that it names must be this.',
  ),
  oidc_discovery_ca_pem: f.string('PEM: the CA that it is to be verified by. Absent: those of the system.'),
  oidc_client_id: f.string('What the provider knows this server by; for logins through a browser.'),
  oidc_response_mode: f.string('How the provider answers: `query` (the default) or `form_post`.'),
  oidc_response_types: f.strings('What the provider answers with: `code` (the default), `id_token`.'),
  jwks_url: f.string('Where the keys are published that tokens must be signed by.'),
  jwks_ca_pem: f.string('PEM: the CA that it is to be verified by. Absent: those of the system.'),
  default_role: f.string('Role of those who name none.'),
  jwt_validation_pubkeys: f.strings('PEM: public keys or certificates that tokens must be signed by.'),
  jwt_supported_algs: f.strings('Algorithms that a token may be signed by. Absent: all that are known, and RS256 through a browser.'),
  bound_issuer: f.string('Issuer (`iss`) that tokens must name. Absent: any.'),
  provider_config: f.map('What the provider does its own way: `provider`, one of azure, ibmisam, secureauth.'),
  override_allowed_server_names: f.strings('Names that certificates may be for in place of the host.'),
  namespace_in_state: f.bool('Whether a namespace in a redirect URI travels in the state; true for a first configuration.'),
}
const input = {
  ...shown,
  oidc_client_secret: f.string('The secret to it.', { secret: true }),
  skip_jwks_validation: f.bool('Whether keys that cannot be fetched now are no more than a warning.'),
}
type Input = Decoded<typeof input>

const routes = {
  config: route('config', {
    doc: 'Whose tokens are believed: by keys that are given, published or discovered.',
    ops: {
      read: op({
        doc: 'Read the configuration, without the secret, and whether it works.',
        gives: gives.data({ ...shown, status: f.string('`valid`, or `invalid` when the provider cannot be discovered.') }),
      }),
      write: op({ doc: 'Write the whole configuration: what is not given is as if it had never been.', input, gives: gives.nothing }),
    },
  }),
}

const refused = (why: string, cause?: unknown): ReturnType<typeof faults.refused> => faults.refused({ why }, { cause })

function configOf(given: Input, before: Config | undefined): Config {
  return {
    oidcDiscoveryUrl: given.oidcDiscoveryUrl ?? '',
    oidcDiscoveryCaPem: given.oidcDiscoveryCaPem ?? '',
    oidcClientId: given.oidcClientId ?? '',
    oidcClientSecret: given.oidcClientSecret ?? '',
    oidcResponseMode: given.oidcResponseMode ?? '',
    oidcResponseTypes: given.oidcResponseTypes ?? [],
    jwksUrl: given.jwksUrl ?? '',
    jwksCaPem: given.jwksCaPem ?? '',
    jwtValidationPubkeys: given.jwtValidationPubkeys ?? [],
    jwtSupportedAlgs: given.jwtSupportedAlgs ?? [],
    boundIssuer: given.boundIssuer ?? '',
    defaultRole: (given.defaultRole ?? '').toLowerCase(),
    providerConfig: given.providerConfig ?? {},
    overrideAllowedServerNames: given.overrideAllowedServerNames ?? [],
    namespaceInState: given.namespaceInState ?? before?.namespaceInState ?? true,
  }
}

/** One source of keys, and no half of a client. */
function checkSource(config: Config): void {
  const sources = [config.oidcDiscoveryUrl, config.jwksUrl, ...config.jwtValidationPubkeys.slice(0, 1)].filter(it => it !== '')
  const isEmptyKey = config.jwtValidationPubkeys[0] === ''
  if (sources.length + (isEmptyKey ? 1 : 0) !== 1) {
    throw refused(
      "exactly one of 'jwt_validation_pubkeys', 'jwks_url', 'jwks_pairs', 'oidc_discovery_url', or 'provider_config' must be set",
    )
  }
  if ((config.oidcClientId === '') !== (config.oidcClientSecret === '')) {
    throw refused("both 'oidc_client_id' and 'oidc_client_secret' must be set for OIDC")
  }
  if (config.oidcDiscoveryUrl.includes('.well-known/openid-configuration')) {
    throw refused("'oidc_discovery_url' contains '.well-known' component")
  }
  if (config.oidcClientId !== '' && config.oidcDiscoveryUrl === '') throw refused("'oidc_discovery_url' must be set for OIDC")
}

/** What is wrong with how the provider is to be asked, in the peer's words; and what the provider then says. */
async function checkDiscovery(config: Config, outside: () => Outside, signal: AbortSignal): Promise<void> {
  const forBrowsers = hasBrowserFlow(config)
  const before = forBrowsers ? 'error creating provider: NewConfig: invalid provider config: Config.Validate: ' : ''
  const url = config.oidcDiscoveryUrl
  if (forBrowsers && !/^https?:\/\//.test(url))
    throw new NotDiscovered(`${before}issuer ${url} schema is not http or https: invalid issuer`)
  const odd = forBrowsers ? config.jwtSupportedAlgs.find(it => !(ALGORITHMS as readonly string[]).includes(it)) : undefined
  if (odd !== undefined) throw new NotDiscovered(`${before}unsupported algorithm ${odd}: invalid parameter`)
  if (config.oidcDiscoveryCaPem !== '' && certificatesOf(config.oidcDiscoveryCaPem).length === 0) {
    throw new NotDiscovered(forBrowsers ? `${before}invalid CA certificate` : 'could not parse CA PEM value successfully')
  }
  try {
    await discover(url, outside(), forBrowsers ? WORDS.provider : WORDS.keys, signal)
  } catch (cause) {
    if (!forBrowsers || !(cause instanceof NotDiscovered)) throw cause
    throw new NotDiscovered(`error creating provider with given values: NewProvider: unable to create provider: ${cause.message}`, {
      cause,
    })
  }
}

/** A token that nobody has signed: its signature fails where keys could be had at all. */
const PROBE = [{ alg: 'RS256' }, {}].map(it => Buffer.from(JSON.stringify(it)).toString('base64url')).join('.') + '.AAAA'

async function checkKeySet(config: Config, outside: () => Outside, mount: Mount, signal: AbortSignal): Promise<void> {
  if (config.jwksCaPem !== '' && certificatesOf(config.jwksCaPem).length === 0) throw refused('error checking jwks_ca_pem')
  try {
    await new PublishedKeys(config.jwksUrl, outside(), mount.host.clock).verify(PROBE, signal)
  } catch (cause) {
    if (!(cause instanceof NotVerified)) throw cause
    if (!cause.message.startsWith('failed to verify')) throw new NotDiscovered('error checking jwks URL', { cause })
  }
}

function checkStaticKeys(pems: readonly string[]): void {
  for (const pem of pems) {
    try {
      publicKeyOf(pem)
    } catch (cause) {
      if (cause instanceof Malformed) throw refused(`error parsing public key: ${cause.message}`, cause)
      throw cause
    }
  }
}

function checkRest(config: Config): void {
  const odd = config.jwtSupportedAlgs.find(it => !(ALGORITHMS as readonly string[]).includes(it))
  if (odd !== undefined) throw refused(`invalid jwt_supported_algs: unsupported signing algorithm ${goQuote(odd)}`)
  const types = config.oidcResponseTypes
  if (types.some(it => it !== 'code' && it !== 'id_token')) {
    throw refused(`invalid response_types [${types.join(' ')}]. 'code' and 'id_token' are allowed`)
  }
  const mode = config.oidcResponseMode
  if (!['', 'query', 'form_post'].includes(mode)) throw refused(`invalid response_mode: ${goQuote(mode)}`)
  if (mode !== 'form_post' && types.includes('id_token')) {
    throw refused('query response_mode may not be used with an id_token response_type')
  }
  const wrong = wrongProvider(config.providerConfig)
  if (wrong !== undefined) throw refused(`invalid provider_config: ${wrong}`)
}

export const configRoutes: Family<Mount> = statefulFamily(routes, (mount: Mount): HandlersOf<typeof routes> => {
  /** Asks where the keys are to come from. What to warn of, when that did not go well and does not have to. */
  const checkKeys = async (config: Config, skip: boolean, signal: AbortSignal): Promise<string | undefined> => {
    if (config.jwtValidationPubkeys.length > 0) {
      checkStaticKeys(config.jwtValidationPubkeys)
      return undefined
    }
    const forDiscovery = config.oidcDiscoveryUrl !== ''
    let outside: Outside | undefined
    const open = (): Outside => {
      const ca = forDiscovery ? config.oidcDiscoveryCaPem : config.jwksCaPem
      return (outside ??= new Outside({ ca, serverNames: config.overrideAllowedServerNames }, mount.host.clock))
    }
    try {
      await (forDiscovery ? checkDiscovery(config, open, signal) : checkKeySet(config, open, mount, signal))
      return undefined
    } catch (cause) {
      if (!(cause instanceof NotDiscovered)) throw cause
      if (skip) return forDiscovery ? 'error checking oidc discovery URL' : 'error checking jwks URL'
      const why = cause.cause instanceof Error ? cause.cause.message : cause.message
      mount.host.log.write('error', 'the issuer of a configuration cannot be asked', { why })
      throw refused(forDiscovery ? `error checking oidc discovery URL: ${cause.message}` : cause.message, cause)
    } finally {
      outside?.close()
    }
  }

  return {
    config: {
      async read({ view, warn, signal }) {
        const config = await mount.config(view)
        if (config === undefined) throw faults.notFound()
        let status = 'valid'
        try {
          await mount.issuer(config).keys(signal)
        } catch (cause) {
          if (!(cause instanceof NotDiscovered)) throw cause
          warn(`failed to construct JWK validator: keyset configuration error: ${cause.message}`)
          status = 'invalid'
        }
        return {
          is: 'wire',
          data: {
            bound_issuer: config.boundIssuer,
            default_role: config.defaultRole,
            jwks_ca_pem: config.jwksCaPem,
            jwks_url: config.jwksUrl,
            jwt_supported_algs: config.jwtSupportedAlgs,
            jwt_validation_pubkeys: config.jwtValidationPubkeys,
            namespace_in_state: config.namespaceInState,
            oidc_client_id: config.oidcClientId,
            oidc_discovery_ca_pem: config.oidcDiscoveryCaPem,
            oidc_discovery_url: config.oidcDiscoveryUrl,
            oidc_response_mode: config.oidcResponseMode,
            oidc_response_types: config.oidcResponseTypes,
            override_allowed_server_names: config.overrideAllowedServerNames,
            provider_config: config.providerConfig,
            status,
          },
        }
      },

      async write({ input: given, view, warn, signal }) {
        const config = configOf(given, await mount.config(view))
        checkSource(config)
        const warning = await checkKeys(config, given.skipJwksValidation ?? false, signal)
        checkRest(config)
        await mount.putConfig(view, config)
        if (warning !== undefined) warn(warning)
        return { is: 'nothing' }
      },
    },
  }
})
