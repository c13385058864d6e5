import type { Json } from '../../../kernel/index.ts'
import { attribute, type Shape } from '../attribute.ts'
import type { Collection, Contradiction, MountType, Singleton } from '../mount-type.ts'
import type { Values } from '../../model/index.ts'
import { isNothing } from '../token-attributes.ts'

/** Users, networks and domains stand in one text with commas, whose order means nothing. */
const commas = (doc: string): Shape[string] => attribute.set(doc, { toWire: (value: Json) => (value as readonly string[]).join(',') })

/** https://openbao.org/api-docs/secret/ssh/, as OpenBao answers it. */
const role: Shape = {
  key_type: attribute.choice('Whether certificates are signed, or passwords made that work once.', ['ca', 'otp']),
  default_user: attribute.text('The user that is meant unless asked otherwise.'),
  default_user_template: attribute.flag('Whether it is a template.'),
  allowed_users: commas('Which users may be asked for; * for any.'),
  allowed_users_template: attribute.flag('Whether those are templates.'),
  allowed_domains: commas('Which domains may be asked for; * for any.'),
  allowed_domains_template: attribute.flag('Whether those are templates.'),
  allow_bare_domains: attribute.flag('Whether those domains themselves.'),
  allow_subdomains: attribute.flag('Whether names below them.'),
  allow_user_certificates: attribute.flag('Whether certificates for users.'),
  allow_host_certificates: attribute.flag('Whether certificates for hosts.'),
  allow_user_key_ids: attribute.flag('Whether whoever asks may say the key ID.'),
  allow_empty_principals: attribute.flag('Whether a certificate may be good for any user.'),
  allow_commas_in_identity_templates: attribute.flag('Whether what a template is filled with may hold commas.'),
  allow_wildcards_in_identity_templates: attribute.flag('Whether it may hold *.'),
  allowed_critical_options: commas('Which critical options may be asked for.'),
  allowed_extensions: commas('Which extensions may be asked for; * for any.'),
  allowed_user_key_lengths: attribute.map('How long keys may be, by type.'),
  default_critical_options: attribute.pairs('Critical options of every certificate.'),
  default_extensions: attribute.pairs('Extensions of every certificate.'),
  default_extensions_template: attribute.flag('Whether those are templates.'),
  algorithm_signer: attribute.text('How an RSA key signs.', { fallback: 'default', tidy: value => (value === '' ? 'default' : value) }),
  issuer_ref: attribute.text('Who signs, by name or ID.', { fallback: 'default' }),
  key_id_format: attribute.text('What the key ID looks like.'),
  not_before_duration: attribute.span('For how long before it was signed a certificate is valid.', { fallback: 30 }),
  ttl: attribute.span('How long certificates are valid.'),
  max_ttl: attribute.span('How long at most.'),
  cidr_list: commas('For which networks passwords may be made.'),
  exclude_cidr_list: commas('For which of those not.'),
  port: attribute.count('The port of SSH on the hosts.', { fallback: 22 }),
}

function contradictions(values: Values): readonly Contradiction[] {
  if (values['key_type'] === 'otp')
    return isNothing(values['default_user']) ? [{ attribute: 'default_user', why: 'a role of type otp needs default_user' }] : []
  return values['allow_user_certificates'] !== true && values['allow_host_certificates'] !== true
    ? [{ attribute: 'allow_user_certificates', why: 'a role of type ca needs allow_user_certificates or allow_host_certificates' }]
    : []
}

const roles: Collection = {
  is: 'collection',
  doc: 'Roles that say what is signed, or for whom passwords are made.',
  path: 'roles',
  noun: 'role',
  shape: role,
  foldsNames: false,
  contradictions,
}

const zero: Singleton = {
  is: 'singleton',
  begins: 'write',
  late: true,
  doc: 'Roles for which passwords may be made for any address.',
  path: 'config/zeroaddress',
  shape: { roles: attribute.set('The roles.', { names: { on: 'mount', at: ['roles'] } }) },
}

export const ssh: MountType = {
  type: 'ssh',
  table: 'engine',
  doc: 'SSH certificates and passwords.',
  sections: { roles, zeroaddress: zero },
}
