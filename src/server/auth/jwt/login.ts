import { goQuote } from '../../../kernel/index.ts'
import { f } from '../../../schema/index.ts'
import { gives, grantBy, isFrom, op, route, statefulFamily, type Family, type HandlersOf } from '../../framework/index.ts'
import { faults, isFault, type Grant } from '../../logical/index.ts'
import { checkBoundClaims } from './bound-claims.ts'
import { checkForms, checkMeaning, ClaimsRefused, type Claims } from './claims.ts'
import { Malformed, whyNoJson } from './compact.ts'
import type { Config } from './config-record.ts'
import { NotDiscovered } from './discovery.ts'
import { personOf, type Person } from './identity.ts'
import { ALGORITHMS, NotVerified } from './keys.ts'
import type { Mount } from './mount.ts'
import { policiesFrom, TemplateRefused } from './policy-templates.ts'
import type { Role } from './role.ts'

const input = {
  role: f.string('Name of the role; absent: the default role of the mount.'),
  jwt: f.string('The token.', { secret: true }),
}

const routes = {
  login: route('login', {
    doc: 'Logs in with a JSON Web Token that the role binds.',
    access: 'public',
    ops: { write: op({ doc: 'Log in.', input, gives: gives.auth, refusesBadFields: true }) },
  }),
}

const refused = (why: string, cause?: unknown): ReturnType<typeof faults.refused> => faults.refused({ why }, { cause })

/** The claims of a payload, its forms checked. Throws ClaimsRefused. */
export function claimsOf(payload: string): Claims {
  let value: unknown
  try {
    value = JSON.parse(payload)
  } catch (cause) {
    throw new ClaimsRefused(whyNoJson(payload), { cause })
  }
  if (typeof value !== 'object' || value === null || Array.isArray(value)) throw new ClaimsRefused('the payload is no JSON object')
  const claims = value as Claims
  checkForms(claims)
  return claims
}

/** Rejects with the peer's words. */
async function verified(mount: Mount, config: Config, role: Role, jwt: string, now: Date, signal: AbortSignal): Promise<Claims> {
  let keys
  try {
    keys = await mount.issuer(config).keys(signal)
  } catch (cause) {
    if (!(cause instanceof NotDiscovered)) throw cause
    throw refused(`error configuring token validator: keyset configuration error: ${cause.message}`, cause)
  }
  try {
    const { alg, payload } = await keys.verify(jwt, signal)
    const allowed: readonly string[] = config.jwtSupportedAlgs.length > 0 ? config.jwtSupportedAlgs : ALGORITHMS
    if (!allowed.includes(alg)) {
      throw new ClaimsRefused('invalid algorithm (alg) header parameter: token signed with unexpected algorithm')
    }
    const claims = claimsOf(payload)
    const { boundSubject: subject, expirationLeeway, notBeforeLeeway, clockSkewLeeway } = role
    const expected = { issuer: config.boundIssuer, subject, audiences: role.boundAudiences ?? [] }
    checkMeaning(claims, { ...expected, expirationLeeway, notBeforeLeeway, clockSkewLeeway }, now)
    return claims
  } catch (cause) {
    if (cause instanceof Malformed || cause instanceof NotVerified) {
      throw refused(`error validating token: error verifying token signature: ${cause.message}`, cause)
    }
    if (cause instanceof ClaimsRefused) throw refused(`error validating token: ${cause.message}`, cause)
    throw cause
  }
}

/** Throws 403 for a login from elsewhere. */
export function checkAddress(role: Role, address: string): void {
  const blocks = role.tokenBoundCidrs ?? []
  if (blocks.length > 0 && !isFrom(address, blocks)) throw faults.tokenRefused()
}

/** The role that a login names, or the default one. Throws the peer's words. */
export async function roleFor(
  mount: Mount,
  view: Parameters<Mount['role']>[0],
  config: Config,
  given: string | undefined,
): Promise<{ readonly role: Role; readonly roleName: string }> {
  const roleName = (given ?? '').toLowerCase() || config.defaultRole
  if (roleName === '') throw refused('missing role')
  const role = await mount.role(view, roleName)
  if (role === undefined) throw refused(`role ${goQuote(roleName)} could not be found`)
  return { role, roleName }
}

/** What a role grants to a person. Throws the peer's words for policies that cannot be named. */
export function grantTo(mount: Mount, role: Role, roleName: string, person: Person, address: string): Grant {
  const { alias, groups, claims } = person
  if (alias.name === '') throw faults.failed({ why: 'missing name in alias' })
  const grant = grantBy(role, address)
  try {
    return {
      ...grant,
      ...(role.tokenPoliciesTemplateClaims && { policies: policiesFrom(role.tokenPolicies, claims, mount.host) }),
      displayName: alias.name,
      metadata: alias.metadata ?? {},
      alias,
      ...(role.groupsClaim !== '' && { groupAliases: groups }),
      internal: { role: roleName, role_type: 'native' },
    }
  } catch (cause) {
    if (cause instanceof TemplateRefused) throw faults.failed({ why: cause.message }, { cause })
    throw cause
  }
}

export const loginRoutes: Family<Mount> = statefulFamily(routes, (mount: Mount): HandlersOf<typeof routes> => ({
  login: {
    async write({ input: { role: given, jwt = '' }, view, caller, now, signal }) {
      const config = await mount.config(view)
      if (config === undefined) throw refused('could not load configuration')
      const { role, roleName } = await roleFor(mount, view, config, given)
      if (role.type === 'oidc') throw refused('role with oidc role_type is not allowed')
      if (jwt === '') throw refused('missing token')
      checkAddress(role, caller.remoteAddress)
      const claims = await verified(mount, config, role, jwt, now, signal)
      const audiences = [claims['aud'] ?? []].flat()
      if (audiences.length > 0 && (role.boundAudiences ?? []).length === 0) {
        throw refused('audience claim found in JWT but no audiences bound to the role')
      }
      try {
        const outside = (): ReturnType<ReturnType<Mount['issuer']>['outside']> => mount.issuer(config).outside()
        const { providerConfig } = config
        const person = await personOf({ claims, role, roleName, providerConfig, accessToken: undefined, outside, signal })
        bindClaims(role, person.claims)
        return { is: 'auth', grant: grantTo(mount, role, roleName, person, caller.remoteAddress) }
      } catch (cause) {
        if (isFault(cause) || !(cause instanceof ClaimsRefused)) throw cause
        throw refused(cause.message, cause)
      }
    },
  },
}))

/** Throws ClaimsRefused. */
export function bindClaims(role: Role, claims: Claims): void {
  try {
    checkBoundClaims({ type: role.boundClaimsType, claims: role.boundClaims ?? {} }, claims)
  } catch (cause) {
    if (cause instanceof ClaimsRefused) throw new ClaimsRefused(`error validating claims: ${cause.message}`, { cause })
    throw cause
  }
}
