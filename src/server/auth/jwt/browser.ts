/** The way through a browser: where it begins (`oidc/auth_url`). */
import { createHash } from 'node:crypto'
import { f } from '../../../schema/index.ts'
import { gives, op, route, statefulFamily, type Call, type Family, type HandlersOf, type ReplyOf } from '../../framework/index.ts'
import { faults } from '../../logical/index.ts'
import { hasBrowserFlow, wantsType, type Config } from './config-record.ts'
import { NotDiscovered } from './discovery.ts'
import { roleFor } from './login.ts'
import type { Mount } from './mount.ts'
import { objectOf, OutsideFailure } from './outside.ts'
import type { PendingLogin } from './pending-logins.ts'
import type { Role } from './role.ts'
import { isAllowedRedirect, withoutNamespace } from './redirect.ts'

const routes = {
  authUrl: route('oidc/auth_url', {
    doc: 'Where a login through a browser begins.',
    access: 'public',
    ops: {
      write: op({
        doc: 'Begin a login. Without a good reason to send the browser anywhere, the address is empty.',
        input: {
          role: f.string('Name of the role; absent: the default role of the mount.'),
          redirect_uri: f.string('Where the provider is to send the browser back to; one that the role allows.'),
          client_nonce: f.string('What whoever fetches the token must know; demanded where this server takes the browser back.'),
        },
        gives: gives.data({
          auth_url: f.string('Where to send the browser.'),
          state: f.string('What to ask by whether the login is done.'),
          poll_interval: f.string('How often to ask, in seconds.'),
          user_code: f.string('What the user is to type there.'),
        }),
        refusesBadFields: true,
      }),
    },
  }),
}
type Begin = (typeof routes)['authUrl']['ops']['write']
interface Beginning {
  readonly mount: Mount
  readonly config: Config
  readonly role: Role
  readonly roleName: string
  readonly clientNonce: string
  readonly requesterAddress: string
  readonly signal: AbortSignal
}

const refused = (why: string): ReturnType<typeof faults.refused> => faults.refused({ why })
const nowhere: ReplyOf<Begin> = { is: 'wire', data: { auth_url: '' } }

/** "openid" makes it a login (OpenID Connect Core 1.0, section 3.1.2.1). */
const scopesOf = (role: Role): string => ['openid', ...(role.oidcScopes ?? []).filter(it => it !== 'openid')].join(' ')
const USUAL_INTERVAL = 5

function begun(
  { mount, config, role, roleName, clientNonce, requesterAddress }: Beginning,
  redirectUri: string,
  deviceCode = '',
): PendingLogin {
  const byCode = !wantsType(config, 'id_token')
  return mount.pending.begin({
    verifier: byCode ? mount.pending.verifier() : undefined,
    roleName,
    redirectUri,
    clientNonce,
    maxAge: role.maxAge,
    requesterAddress,
    deviceCode,
  })
}

function authorizationUrl(endpoint: string, config: Config, role: Role, login: PendingLogin, namespace: string): string {
  const url = new URL(endpoint)
  const asked: Readonly<Record<string, string>> = {
    client_id: config.oidcClientId,
    ...(login.verifier !== undefined && {
      code_challenge: createHash('sha256').update(login.verifier).digest('base64url'),
      code_challenge_method: 'S256',
    }),
    ...(role.maxAge > 0 && { max_age: String(role.maxAge) }),
    nonce: login.nonce,
    redirect_uri: login.redirectUri,
    ...(config.oidcResponseMode === 'form_post' && { response_mode: 'form_post' }),
    response_type: login.verifier === undefined ? 'id_token' : 'code',
    scope: scopesOf(role),
    state: namespace === '' ? login.state : `${login.state},ns=${namespace}`,
  }
  for (const [name, value] of Object.entries(asked)) url.searchParams.set(name, value)
  return url.href
}

/** RFC 8628, section 3.1: the browser may be on another machine, and nobody is sent back. */
async function beginOnDevice(it: Beginning): Promise<ReplyOf<Begin>> {
  const { mount, config, role, signal } = it
  const issuer = mount.issuer(config)
  const fail = (why: string, cause?: unknown): ReturnType<typeof faults.failed> => faults.failed({ why }, { cause })
  let answer
  try {
    const { deviceAuthorizationEndpoint: url } = await issuer.discovered(signal)
    if (url === '') throw fail('no device auth endpoint url discovered')
    const form = { client_id: config.oidcClientId, client_secret: config.oidcClientSecret, scope: scopesOf(role) }
    answer = await issuer.outside().ask({ url, form }, signal)
  } catch (cause) {
    if (cause instanceof NotDiscovered) throw fail(`error reading issuer config: ${cause.message}`, cause)
    if (cause instanceof OutsideFailure) throw fail(`error authorizing device: ${cause.message}`, cause)
    throw cause
  }
  if (answer.status !== 200) throw fail(`error authorizing device: ${answer.statusLine}`)
  const given = objectOf(answer.body)
  const text = (name: string): string => (typeof given?.[name] === 'string' ? given[name] : '')
  if (text('device_code') === '') throw fail('error decoding issuer response to device auth')
  const login = begun(it, '-', text('device_code'))
  // Some providers wrote of URLs before the standard wrote of URIs.
  const complete = text('verification_uri_complete') || text('verification_url_complete')
  const interval = role.pollInterval > 0 ? role.pollInterval : Number(given?.['interval'] ?? USUAL_INTERVAL) || USUAL_INTERVAL
  return {
    is: 'wire',
    data: {
      auth_url: complete || text('verification_uri') || text('verification_url'),
      poll_interval: String(interval),
      state: login.state,
      ...(complete === '' && { user_code: text('user_code') }),
    },
  }
}

async function beginInBrowser(it: Beginning, given: string): Promise<ReplyOf<Begin>> {
  const { mount, config, role, signal } = it
  const warn = (why: string): ReplyOf<Begin> => {
    mount.host.log.write('warn', 'a login through the browser cannot begin', { why })
    return nowhere
  }
  if (given === '') throw refused('missing redirect_uri')
  const split = config.namespaceInState ? withoutNamespace(given) : { uri: given, namespace: '' }
  if (split === undefined) return nowhere
  if (!isAllowedRedirect(split.uri, role.allowedRedirectUris ?? [])) return warn('the redirect URI is not allowed')
  // A user interface does not know of this mode, in which this server takes the browser back.
  const redirectUri = config.oidcResponseMode === 'form_post' ? split.uri.replace('ui/vault', 'v1') : split.uri
  try {
    const { authorizationEndpoint } = await mount.issuer(config).discovered(signal)
    if (!URL.canParse(authorizationEndpoint)) return warn('the provider names no authorization endpoint')
    const login = begun(it, redirectUri)
    const interval = String(role.pollInterval > 0 ? role.pollInterval : USUAL_INTERVAL)
    return {
      is: 'wire',
      data: {
        auth_url: authorizationUrl(authorizationEndpoint, config, role, login, split.namespace),
        ...(role.callbackMode === 'direct' && { poll_interval: interval, state: login.state }),
      },
    }
  } catch (cause) {
    if (cause instanceof NotDiscovered) return warn(cause.message)
    throw cause
  }
}

export const browserRoutes: Family<Mount> = statefulFamily(routes, (mount: Mount): HandlersOf<typeof routes> => ({
  authUrl: {
    async write({ input, view, caller, signal }: Call<(typeof routes)['authUrl'], Begin>) {
      const config = await mount.config(view)
      if (config === undefined) throw refused('could not load configuration')
      if (!hasBrowserFlow(config)) throw refused('OIDC login is not configured for this mount')
      const { role, roleName } = await roleFor(mount, view, config, input.role)
      const clientNonce = input.clientNonce ?? ''
      if (clientNonce === '' && role.callbackMode !== 'client') throw refused('missing client_nonce')
      const it = { mount, config, role, roleName, clientNonce, requesterAddress: caller.remoteAddress, signal }
      return role.callbackMode === 'device' ? beginOnDevice(it) : beginInBrowser(it, input.redirectUri ?? '')
    },
  },
}))
