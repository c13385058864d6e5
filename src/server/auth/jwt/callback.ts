/** The way through a browser: how the provider sends it back (`oidc/callback`), and how a client asks whether that is done (`oidc/poll`). */
import { goQuote } from '../../../kernel/index.ts'
import { f } from '../../../schema/index.ts'
import { gives, op, route, statefulFamily, type Family, type HandlersOf } from '../../framework/index.ts'
import { faults, type Grant, type View } from '../../logical/index.ts'
import { ClaimsRefused } from './claims.ts'
import type { Config } from './config-record.ts'
import { NotDiscovered } from './discovery.ts'
import { askForTokens, exchangeCode, idTokenClaims, NotExchanged, tokensIn, withUserInfo, type Tokens } from './exchange.ts'
import { personOf } from './identity.ts'
import { bindClaims, checkAddress, grantTo } from './login.ts'
import type { Mount } from './mount.ts'
import { objectOf, OutsideFailure } from './outside.ts'
import { confirm, failed, posted, succeeded } from './pages.ts'
import type { PendingLogin } from './pending-logins.ts'
import type { Role } from './role.ts'

const state = f.string('The state that the login was begun with.')
const code = f.string('What the provider gives for the login (RFC 6749, section 4.1.2).', { secret: true })
const clientNonce = f.string('The client_nonce that the login was begun with.')
const HTML = 'text/html'

const routes = {
  callback: route('oidc/callback', {
    doc: 'Where the provider sends the browser back to.',
    access: 'public',
    ops: {
      read: op({
        doc: 'End a login.',
        input: {
          state,
          code,
          client_nonce: clientNonce,
          error: f.string('Why the provider refuses (RFC 6749, section 4.1.2.1).'),
          error_description: f.string('The same, for people.'),
          error_uri: f.string('The same, at length.'),
          confirmation: f.string('Whether the user has confirmed the login.'),
        },
        gives: [gives.auth, gives.raw(HTML)],
        refusesBadFields: true,
      }),
      write: op({
        doc: 'Take what a provider posts (response_mode form_post); the login is ended by a read with the code `no_code`.',
        input: { state, code, id_token: f.string('The ID token, where the provider hands it out itself.', { secret: true }) },
        gives: gives.raw(HTML),
        refusesBadFields: true,
      }),
    },
  }),
  poll: route('oidc/poll', {
    doc: 'Whether a login is done of which the client does not hear otherwise.',
    access: 'public',
    ops: {
      write: op({ doc: 'Ask for the token.', input: { state, client_nonce: clientNonce }, gives: gives.auth, refusesBadFields: true }),
    },
  }),
}

const FAILED = 'OpenBao login failed.'
const NO_CODE = 'no_code'
const refused = (why: string, cause?: unknown): ReturnType<typeof faults.refused> => faults.refused({ why }, { cause })
const unknownState = (): ReturnType<typeof faults.refused> => refused(`${FAILED} Expired or missing OAuth state.`)

/** RFC 6749, section 4.1.2.1. */
const ERRORS = new Set([
  'invalid_request',
  'unauthorized_client',
  'access_denied',
  'unsupported_response_type',
  'invalid_scope',
  'server_error',
  'temporarily_unavailable',
])

/** The login comes to nothing; the message may be shown. */
class LoginFailed extends Error {}

interface Ending {
  readonly mount: Mount
  readonly config: Config
  readonly role: Role
  readonly login: PendingLogin
  readonly address: string
  readonly now: Date
  readonly signal: AbortSignal
}

/** What the tokens of a provider grant. Rejects with LoginFailed. */
async function grantFor(it: Ending, tokens: Tokens, withNonce: boolean): Promise<Grant> {
  const { mount, config, role, login, address, now, signal } = it
  const issuer = mount.issuer(config)
  const { log } = mount.host
  const idToken = await idTokenClaims({ tokens, login, withNonce, config, issuer, role, now, signal })
  const { nonce: _, ...claims } = idToken
  if (role.boundSubject !== '' && role.boundSubject !== claims['sub']) throw new LoginFailed('sub claim does not match bound subject')
  const warn = (why: string): void => log.write('warn', 'the userinfo endpoint gives nothing', { why })
  const all = await withUserInfo(claims, tokens.accessToken, issuer, signal, warn)
  if (role.verboseOidcLogging) log.write('debug', 'OIDC provider response', { claims: JSON.stringify(all) })
  try {
    const outside = (): ReturnType<typeof issuer.outside> => issuer.outside()
    const { providerConfig } = config
    const accessToken = tokens.accessToken === '' ? undefined : tokens.accessToken
    const person = await personOf({ claims: all, role, roleName: login.roleName, providerConfig, accessToken, outside, signal })
    bindClaims(role, person.claims)
    const grant = grantTo(mount, role, login.roleName, person, address)
    const values = { id_token: tokens.idToken, refresh_token: tokens.refreshToken, access_token: tokens.accessToken }
    const more = (role.oauth2Metadata ?? []).map(name => [`oauth2_${name}`, values[name as keyof typeof values]] as const)
    return { ...grant, metadata: { ...grant.metadata, ...Object.fromEntries(more) } }
  } catch (cause) {
    if (cause instanceof ClaimsRefused) throw new LoginFailed(cause.message, { cause })
    throw cause
  }
}

/** By the code, or by the ID token that the provider posted. Rejects with LoginFailed. */
async function ended(it: Ending, given: string): Promise<Grant> {
  const { mount, config, login, signal } = it
  const code = given === NO_CODE || given === '' ? login.code : given
  try {
    if (code === '') {
      if (login.idToken === '') throw new LoginFailed('No code or id_token received.')
      return await grantFor(it, { idToken: login.idToken, accessToken: '', refreshToken: '' }, true)
    }
    return await grantFor(it, await exchangeCode(code, login, config, mount.issuer(config), signal), true)
  } catch (cause) {
    if (cause instanceof NotExchanged) throw new LoginFailed(`Error exchanging oidc code: ${goQuote(cause.message)}.`, { cause })
    if (cause instanceof NotDiscovered) throw new LoginFailed(`Error exchanging oidc code: ${goQuote(cause.message)}.`, { cause })
    throw cause
  }
}

/** RFC 8628, section 3.4. Undefined: not yet, for the given reason. */
async function endedOnDevice(it: Ending): Promise<Grant | { readonly notYet: string }> {
  const { mount, config, login, signal } = it
  const issuer = mount.issuer(config)
  try {
    const grant = {
      grant_type: 'urn:ietf:params:oauth:grant-type:device_code',
      device_code: login.deviceCode,
      client_id: config.oidcClientId,
    }
    const answer = await askForTokens(grant, config, issuer, await issuer.discovered(signal), signal)
    const given = objectOf(answer.body)
    const error = given?.['error']
    if (error === 'authorization_pending' || error === 'slow_down') return { notYet: error }
    if (typeof error === 'string') throw refused(`authorization failed: ${/^[a-z_]{1,40}$/.test(error) ? error : answer.statusLine}`)
    if (answer.status !== 200) throw faults.failed({ why: `error polling for device authorization: ${answer.statusLine}` })
    const tokens = tokensIn(given)
    if (tokens.idToken === '') throw refused('Token verification failed. No id_token found in response.')
    return await grantFor(it, tokens, false)
  } catch (cause) {
    if (cause instanceof OutsideFailure || cause instanceof NotDiscovered) {
      throw faults.failed({ why: `error polling for device authorization: ${cause.message}` }, { cause })
    }
    if (cause instanceof NotExchanged) throw refused(`Token verification failed. ${cause.message}`, cause)
    if (cause instanceof LoginFailed) throw refused(`${FAILED} ${cause.message}`, cause)
    throw cause
  }
}

/** `v1/auth/<mount>/oidc/callback`, as far as a mount is one word. */
const mountIn = (redirectUri: string): string => /\/v1\/auth\/([^/]+)\//.exec(redirectUri)?.[1] ?? ''

export const callbackRoutes: Family<Mount> = statefulFamily(routes, (mount: Mount): HandlersOf<typeof routes> => {
  const { pending, host } = mount
  const configured = async (view: View, why: string): Promise<Config> => {
    const config = await mount.config(view)
    if (config === undefined) throw refused(why)
    return config
  }
  const roleOf = async (view: View, login: PendingLogin): Promise<Role> => {
    const role = await mount.role(view, login.roleName)
    if (role !== undefined) return role
    pending.end(login.state)
    throw refused(`${FAILED} Role could not be found`)
  }

  return {
    callback: {
      async read({ input, view, caller, now, signal }) {
        const config = await configured(view, `${FAILED} Could not load configuration`)
        const login = pending.get(input.state ?? '')
        if (login === undefined || login.grant !== undefined) throw unknownState()
        const role = await roleOf(view, login)
        const isDirect = role.callbackMode === 'direct'
        if (isDirect && !role.oidcDisableConfirmation && (input.confirmation ?? '') === '') {
          // Kept, so that the page need not hold it.
          login.code = input.code ?? ''
          return { is: 'raw', body: confirm(login.state, login.roleName, login.requesterAddress), contentType: HTML }
        }
        // Whatever comes of it, nobody ends a login twice. A direct one is kept for the client to ask about.
        if (!isDirect) pending.end(login.state)
        const fail = (why: string, cause?: unknown): { readonly is: 'raw'; readonly body: Uint8Array; readonly status: number } => {
          if (!isDirect) throw refused(`${FAILED} ${why}`, cause)
          return { is: 'raw', body: failed(why), status: 400 }
        }
        const error = (input.error ?? '').trim().toLowerCase()
        if (error !== '') {
          const known = ERRORS.has(error)
          host.log.write('warn', 'the provider refuses a login', { error: known ? error : 'unknown' })
          return fail(known ? error : 'An unknown error occurred during OIDC authentication. Check server logs for details')
        }
        if (!isDirect && login.clientNonce !== '' && input.clientNonce !== login.clientNonce) throw refused('invalid client_nonce')
        checkAddress(role, caller.remoteAddress)
        try {
          const grant = await ended({ mount, config, role, login, address: caller.remoteAddress, now, signal }, input.code ?? '')
          if (!isDirect) return { is: 'auth', grant }
          login.grant = grant
          return { is: 'raw', body: succeeded(), contentType: HTML }
        } catch (cause) {
          if (cause instanceof LoginFailed) return fail(cause.message, cause)
          throw cause
        }
      },

      async write({ input, view }) {
        const config = await configured(view, `${FAILED} Could not load configuration.`)
        if (config.oidcResponseMode !== 'form_post')
          return { is: 'raw', body: new Uint8Array(0), status: 405, contentType: 'application/json' }
        const login = pending.get(input.state ?? '')
        if (login === undefined) return { is: 'raw', body: failed('Expired or missing OAuth state.'), status: 400 }
        login.code = input.code ?? ''
        login.idToken = input.idToken ?? ''
        const at = mountIn(login.redirectUri)
        if (at === '') return { is: 'raw', body: failed('Invalid redirect path.'), status: 400 }
        return { is: 'raw', body: posted(at, NO_CODE, login.state), contentType: HTML }
      },
    },

    poll: {
      async write({ input, view, caller, now, signal }) {
        const login = pending.get(input.state ?? '')
        if (login === undefined) throw unknownState()
        if (login.clientNonce !== '' && input.clientNonce !== login.clientNonce) {
          pending.end(login.state)
          throw refused('invalid client_nonce')
        }
        const role = await roleOf(view, login)
        if (role.callbackMode === 'device') {
          const config = await configured(view, `${FAILED} Could not load configuration`)
          // Taken out while the provider is asked, or two clients that ask at once would both get the token.
          pending.end(login.state)
          const result = await endedOnDevice({ mount, config, role, login, address: caller.remoteAddress, now, signal })
          if (!('notYet' in result)) return { is: 'auth', grant: result }
          pending.resume(login)
          throw refused(result.notYet)
        }
        // RFC 8628, section 3.5: the word of the device flow for it.
        if (login.grant === undefined) throw refused('authorization_pending')
        pending.end(login.state)
        return { is: 'auth', grant: login.grant }
      },
    },
  }
})
