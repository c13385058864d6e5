import { goDuration, goQuote } from '../../../kernel/index.ts'
import { f, type Decoded } from '../../../schema/index.ts'
import {
  gives,
  oldTokenFields,
  op,
  paging,
  route,
  shownOldTokenWords,
  shownTokenSettings,
  statefulFamily,
  tokenFields,
  withOldTokenWords,
  withTokenWishes,
  type Family,
  type HandlersOf,
} from '../../framework/index.ts'
import { faults } from '../../logical/index.ts'
import { wrongPattern } from './bound-claims.ts'
import type { Mount } from './mount.ts'
import { checkPolicyTemplates, TemplateRefused } from './policy-templates.ts'
import { CALLBACK_MODES, newRole, OAUTH2_METADATA, type Role } from './role.ts'

const own = {
  role_type: f.string('`jwt`: logs in with a token that it has; `oidc` (the default, at each write): through a browser.'),
  expiration_leeway: f.signedDuration('How long a token without an end is good behind its beginning; 0: 150 seconds, -1: not at all.'),
  not_before_leeway: f.signedDuration('How long before its end a token without a beginning is good; 0: 150 seconds, -1: not at all.'),
  clock_skew_leeway: f.signedDuration('How far clocks may be apart; 0: 60 seconds, -1: not at all.'),
  bound_audiences: f.strings('Audiences (`aud`) that a token may be meant for; one must be.'),
  bound_subject: f.string('Subject (`sub`) that a token must have.'),
  bound_claims_type: f.string(
    'How values of bound claims are meant: `string` (the default, at each write), or `glob`, where `*` stands for any text.',
  ),
  bound_claims: f.map('Claims, by name or JSON pointer, that a token must have, each with a value or with one of a list.'),
  claim_mappings: f.pairs('Claims, by name or JSON pointer, that become metadata, and under which key.'),
  oauth2_metadata: f.strings('What of the tokens that the provider gave becomes metadata: id_token, refresh_token, access_token.'),
  user_claim: f.string('Claim that says who it is to the identity store.'),
  user_claim_json_pointer: f.bool('Whether user_claim is a JSON pointer.'),
  groups_claim: f.string('Claim, by name or JSON pointer, that lists groups.'),
  oidc_scopes: f.strings('What to ask the provider for beside `openid`.'),
  allowed_redirect_uris: f.strings('Where the provider may send the browser back to; on a loopback address the port does not count.'),
  callback_mode: f.string(
    'Who takes the browser back: `client` (the default, at each write), `direct` (this server), or nobody: `device`.',
  ),
  poll_interval: f.int('How often clients ask whether the login is done, in seconds; 0: as the provider says, or 5.'),
  verbose_oidc_logging: f.bool('Whether the claims of logins are logged at debug level.'),
  max_age: f.duration('How long ago the provider may have seen the user log in; 0: however long.'),
  token_policies_template_claims: f.bool('Whether token_policies are templates over the claims.'),
  oidc_disable_confirmation: f.bool('Whether a direct login goes without the page that asks to confirm it. Reset at each write.'),
}
const input = { ...own, ...oldTokenFields, ...tokenFields }
type Input = Decoded<typeof input>

const routes = {
  roles: route('role', {
    doc: 'The names of all roles.',
    ops: { list: op({ doc: 'List the roles.', input: paging, gives: gives.keys }) },
  }),
  role: route('role/{name}', {
    doc: 'A role: tokens that it binds log in with it, and get tokens on its terms.',
    params: { name: f.name('Name of the role; upper and lower case are one.') },
    upsert: true,
    ops: {
      read: op({ doc: 'Read the role.', gives: gives.data({ ...own, ...oldTokenFields, ...tokenFields }) }),
      write: op({ doc: 'Make the role, or change the settings that are given.', input, gives: gives.nothing }),
      delete: op({ doc: 'Delete the role. Tokens that it granted can no longer be renewed.', gives: gives.nothing }),
    },
  }),
}

const refused = (why: string): ReturnType<typeof faults.refused> => faults.refused({ why })

function chosen<T extends string>(name: string, value: string, known: readonly T[]): T {
  const it = known.find(it => it === value)
  if (it === undefined) throw refused(`invalid '${name}': ${value}`)
  return it
}

function checkMappings(mappings: ReadonlyMap<string, string>): void {
  const targets = new Set<string>()
  for (const target of mappings.values()) {
    if (target === 'role') throw refused('metadata key "role" is reserved and may not be a mapping destination')
    if (targets.has(target)) throw refused(`multiple keys are mapped to metadata key ${goQuote(target)}`)
    targets.add(target)
  }
}

/** What is given of a role's own settings, each kept as it was when it is not. */
function ownSettings(before: Role, given: Input): Role {
  return {
    ...before,
    expirationLeeway: given.expirationLeeway ?? before.expirationLeeway,
    notBeforeLeeway: given.notBeforeLeeway ?? before.notBeforeLeeway,
    clockSkewLeeway: given.clockSkewLeeway ?? before.clockSkewLeeway,
    boundAudiences: given.boundAudiences ?? before.boundAudiences,
    boundSubject: given.boundSubject ?? before.boundSubject,
    boundClaims: given.boundClaims ?? before.boundClaims,
    claimMappings: given.claimMappings === undefined ? before.claimMappings : Object.fromEntries(given.claimMappings),
    oauth2Metadata: given.oauth2Metadata ?? before.oauth2Metadata,
    userClaim: given.userClaim ?? before.userClaim,
    userClaimJsonPointer: given.userClaimJsonPointer ?? before.userClaimJsonPointer,
    groupsClaim: given.groupsClaim ?? before.groupsClaim,
    oidcScopes: given.oidcScopes ?? before.oidcScopes,
    allowedRedirectUris: given.allowedRedirectUris ?? before.allowedRedirectUris,
    pollInterval: given.pollInterval ?? before.pollInterval,
    verboseOidcLogging: given.verboseOidcLogging ?? before.verboseOidcLogging,
    maxAge: given.maxAge ?? before.maxAge,
    tokenPoliciesTemplateClaims: given.tokenPoliciesTemplateClaims ?? before.tokenPoliciesTemplateClaims,
    oidcDisableConfirmation: given.oidcDisableConfirmation ?? false,
  }
}

/** The role with what is given, checked in the peer's order, which decides what is complained of first. */
function changed(before: Role, given: Input, maxTtl: number): Role {
  const type = chosen('role_type', given.roleType === undefined || given.roleType === '' ? 'oidc' : given.roleType, ['jwt', 'oidc'])
  const worded = withOldTokenWords(withTokenWishes(before, given), given)
  if (worded.tokenPeriod > maxTtl) {
    throw refused(
      `'period' of '"${goDuration(worded.tokenPeriod)}"' is greater than the backend's maximum lease TTL of '"${goDuration(maxTtl)}"'`,
    )
  }
  const boundClaimsType = chosen('bound_claims_type', given.boundClaimsType ?? 'string', ['string', 'glob'])
  const wrong = boundClaimsType === 'glob' && given.boundClaims !== undefined ? wrongPattern(given.boundClaims) : undefined
  if (wrong !== undefined) throw refused(wrong)
  if (given.claimMappings !== undefined) checkMappings(given.claimMappings)
  const unknown = given.oauth2Metadata?.find(it => !(OAUTH2_METADATA as readonly string[]).includes(it))
  if (unknown !== undefined) throw refused(`Unrecognized oauth2 metadata name ${unknown}`)
  const role = ownSettings(worded, given)
  if (role.userClaim === '') throw refused('a user claim must be defined on the role')
  const callbackMode = chosen('callback_mode', given.callbackMode ?? 'client', CALLBACK_MODES)
  if (type === 'oidc' && (role.allowedRedirectUris ?? []).length === 0) {
    throw refused("'allowed_redirect_uris' must be set if 'role_type' is 'oidc' or unspecified.")
  }
  const isBound =
    (role.boundAudiences ?? []).length > 0 ||
    (role.tokenBoundCidrs ?? []).length > 0 ||
    role.boundSubject !== '' ||
    Object.keys(role.boundClaims ?? {}).length > 0
  if (type === 'jwt' && !isBound) throw refused('must have at least one bound constraint when creating/updating a role')
  if (role.tokenMaxTtl > 0 && role.tokenTtl > role.tokenMaxTtl) throw refused('ttl should not be greater than max ttl')
  return { ...role, type, boundClaimsType, callbackMode }
}

function checkTemplates(role: Role): void {
  if (!role.tokenPoliciesTemplateClaims) return
  try {
    checkPolicyTemplates(role.tokenPolicies)
  } catch (cause) {
    if (cause instanceof TemplateRefused) throw faults.failedAs({ why: cause.message }, { cause })
    throw cause
  }
}

export const roleRoutes: Family<Mount> = statefulFamily(routes, (mount: Mount): HandlersOf<typeof routes> => ({
  roles: {
    list: async ({ input: page, view }) => ({ is: 'keys', keys: await mount.roleNames(view, page) }),
  },

  role: {
    async read({ params, view }) {
      const role = await mount.role(view, params.name)
      if (role === undefined) throw faults.notFound()
      return {
        is: 'wire',
        data: {
          allowed_redirect_uris: role.allowedRedirectUris,
          bound_audiences: role.boundAudiences,
          bound_claims: role.boundClaims,
          bound_claims_type: role.boundClaimsType,
          bound_subject: role.boundSubject,
          callback_mode: role.callbackMode,
          claim_mappings: role.claimMappings,
          clock_skew_leeway: role.clockSkewLeeway,
          expiration_leeway: role.expirationLeeway,
          groups_claim: role.groupsClaim,
          max_age: role.maxAge,
          not_before_leeway: role.notBeforeLeeway,
          oauth2_metadata: role.oauth2Metadata,
          oidc_disable_confirmation: role.oidcDisableConfirmation,
          oidc_scopes: role.oidcScopes,
          ...(role.pollInterval > 0 && { poll_interval: role.pollInterval }),
          role_type: role.type,
          token_policies_template_claims: role.tokenPoliciesTemplateClaims,
          user_claim: role.userClaim,
          user_claim_json_pointer: role.userClaimJsonPointer,
          verbose_oidc_logging: role.verboseOidcLogging,
          ...shownOldTokenWords(role),
          ...shownTokenSettings(role),
        },
      }
    },

    async write({ params, input: given, view, warn }) {
      const maxTtl = mount.host.leaseDefaults().maxTtl
      const role = await view.transact(async view => {
        const next = changed((await mount.role(view, params.name)) ?? newRole, given, maxTtl)
        checkTemplates(next)
        await mount.putRole(view, params.name, next)
        return next
      })
      if (role.tokenMaxTtl > maxTtl) {
        warn(
          "token max ttl is greater than the system or backend mount's maximum TTL value; issued tokens' max TTL value will be truncated",
        )
      }
      if (role.verboseOidcLogging) {
        warn(
          'verbose_oidc_logging has been enabled for this role. This is not recommended in production since sensitive information may be present in OIDC responses.',
        )
      }
      return { is: 'nothing' }
    },

    async delete({ params, view }) {
      await mount.deleteRole(view, params.name)
      return { is: 'nothing' }
    },

    exists: async ({ params, view }) => (await mount.role(view, params.name)) !== undefined,
  },
}))
