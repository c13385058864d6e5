import { attribute, trimmed, type Shape } from '../attribute.ts'
import type { Collection, Contradiction, MountType, Singleton } from '../mount-type.ts'
import { textOf, type Values } from '../../model/index.ts'
import { isNothing, tokenAttributes, tokenContradictions } from '../token-attributes.ts'

/** https://openbao.org/api-docs/auth/jwt/, as OpenBao answers it. */
const config: Shape = {
  oidc_discovery_url: attribute.text('Where the provider tells about itself, without /.well-known.'),
  oidc_discovery_ca_pem: attribute.pem('The certificate of the CA to trust there.'),
  oidc_client_id: attribute.text('As whom the provider knows us.'),
  oidc_client_secret: attribute.secret('The secret that belongs to it.', { setBy: ['oidc_client_id'] }),
  oidc_response_mode: attribute.text('How the provider answers: query or form_post.'),
  oidc_response_types: attribute.list('What it is asked for: code, id_token.'),
  jwks_url: attribute.text('Where the keys of the issuer are.'),
  jwks_ca_pem: attribute.pem('The certificate of the CA to trust there.'),
  jwt_validation_pubkeys: attribute.list('Public keys that verify tokens, in PEM.', { each: trimmed }),
  bound_issuer: attribute.text('The issuer that tokens have to name.'),
  jwt_supported_algs: attribute.list('Which algorithms may have signed them.'),
  default_role: attribute.text('The role of a login that names none.', { names: { on: 'mount', at: ['role'] } }),
  provider_config: attribute.map('What a provider needs beyond the standard.'),
  namespace_in_state: attribute.flag('Whether the state of a login carries the namespace.', { fallback: true }),
  override_allowed_server_names: attribute.set('Which names the certificate of the provider may carry instead of its own.'),
}

const role: Shape = {
  role_type: attribute.choice('Whether people log in at the provider, or machines bring a token.', ['oidc', 'jwt']),
  user_claim: attribute.text('The claim that names who logs in.', { fallback: null }),
  user_claim_json_pointer: attribute.flag('Whether user_claim is a JSON pointer.'),
  groups_claim: attribute.text('The claim that names their groups.'),
  bound_audiences: attribute.set('Audiences of which a token has to name one.'),
  bound_subject: attribute.text('The subject that a token has to have.'),
  bound_claims: attribute.map('Claims that a token has to make, with the values they may have.'),
  bound_claims_type: attribute.choice('Whether those values are patterns.', ['string', 'glob']),
  claim_mappings: attribute.pairs('Claims that become metadata, by what they become.'),
  oidc_scopes: attribute.set('What is asked of the provider beyond openid.'),
  allowed_redirect_uris: attribute.set('Where a login may come back to.'),
  callback_mode: attribute.choice('How a login comes back.', ['client', 'direct', 'device']),
  oauth2_metadata: attribute.set('Tokens of the provider that a login may see.'),
  oidc_disable_confirmation: attribute.flag('Whether nobody is asked to confirm a direct login.'),
  verbose_oidc_logging: attribute.flag('Whether tokens and claims are logged, for debugging.'),
  max_age: attribute.span('After what time people have to log in at the provider again.'),
  clock_skew_leeway: attribute.span('How far clocks may differ; 0 for the default.'),
  expiration_leeway: attribute.span('How long after its end a token counts; 0 for the default.'),
  not_before_leeway: attribute.span('How long before its begin a token counts; 0 for the default.'),
  token_policies_template_claims: attribute.flag('Whether the names of policies are templates over claims.'),
  ...tokenAttributes(['bound_cidrs', 'max_ttl', 'num_uses', 'period', 'policies', 'ttl']),
}

function contradictions(values: Values): readonly Contradiction[] {
  const found: Contradiction[] = [...tokenContradictions(values)]
  if (isNothing(values['user_claim'])) found.push({ attribute: 'user_claim', why: 'a role needs user_claim' })
  if (values['role_type'] !== 'jwt') {
    if (isNothing(values['allowed_redirect_uris']))
      found.push({ attribute: 'allowed_redirect_uris', why: 'a role of type oidc needs allowed_redirect_uris' })
    return found
  }
  const isBound =
    !isNothing(values['bound_audiences']) ||
    textOf(values['bound_subject']) !== '' ||
    !isNothing(values['token_bound_cidrs']) ||
    Object.keys(values['bound_claims'] ?? {}).length > 0
  if (!isBound) {
    const why = 'a role of type jwt needs one of bound_audiences, bound_subject, bound_claims, token_bound_cidrs'
    found.push({ attribute: 'bound_audiences', why })
  }
  return found
}

const settings: Singleton = {
  is: 'singleton',
  begins: 'kept',
  doc: 'Whose tokens are taken, and what verifies them.',
  path: 'config',
  shape: config,
}

const roles: Collection = {
  is: 'collection',
  doc: 'Roles that people or machines log in to.',
  path: 'role',
  noun: 'role',
  shape: role,
  foldsNames: true,
  contradictions,
}

/** Two names of one method: the roles say which of the two they are. */
export const jwt: MountType = { type: 'jwt', table: 'auth', doc: 'Tokens of another issuer.', sections: { config: settings, roles } }
export const oidc: MountType = { type: 'oidc', table: 'auth', doc: 'Logins at an OpenID provider.', sections: { config: settings, roles } }
