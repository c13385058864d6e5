import { attribute, type Shape } from '../attribute.ts'
import type { Collection, MountType, Singleton } from '../mount-type.ts'
import { textOf, type Values } from '../../model/index.ts'

/** https://openbao.org/api-docs/secret/pki/, as OpenBao answers it. */
const role: Shape = {
  allow_any_name: attribute.flag('Whether any name may be asked for.'),
  allow_bare_domains: attribute.flag('Whether the allowed domains themselves.'),
  allow_glob_domains: attribute.flag('Whether allowed domains are patterns.'),
  allow_globs_in_identity_templates: attribute.flag('Whether what a template is filled with may be a pattern.'),
  allow_ip_sans: attribute.flag('Whether addresses.', { fallback: true }),
  allow_localhost: attribute.flag('Whether localhost.', { fallback: true }),
  allow_subdomains: attribute.flag('Whether names below the allowed domains.'),
  allow_token_displayname: attribute.flag('Whether the display name of the token.', { unread: 'said' }),
  allow_wildcard_certificates: attribute.flag('Whether names with *.', { fallback: true }),
  allowed_domains: attribute.set('Domains of which a name has to be.'),
  allowed_domains_template: attribute.flag('Whether those are templates.'),
  allowed_ip_sans_cidr: attribute.set('Networks of which an address has to be.'),
  allowed_other_sans: attribute.set('Other names that may be asked for.'),
  allowed_serial_numbers: attribute.set('Serial numbers in the subject that may be asked for.'),
  allowed_uri_sans: attribute.set('URIs that may be asked for.'),
  allowed_uri_sans_template: attribute.flag('Whether those are templates.'),
  allowed_user_ids: attribute.set('User IDs that may be asked for.'),
  basic_constraints_valid_for_non_ca: attribute.flag('Whether basic constraints are marked valid where there is no CA.'),
  client_flag: attribute.flag('Whether certificates are for clients.', { fallback: true }),
  cn_validations: attribute.set('What the common name has to look like.', { fallback: ['email', 'hostname'] }),
  code_signing_flag: attribute.flag('Whether they are for signing code.'),
  country: attribute.list('The country of the subject.'),
  email_protection_flag: attribute.flag('Whether they are for e-mail.'),
  enforce_hostnames: attribute.flag('Whether names have to be valid ones of hosts.', { fallback: true }),
  ext_key_usage: attribute.list('Extended usages, by name.'),
  ext_key_usage_oids: attribute.list('Extended usages, by OID.'),
  generate_lease: attribute.flag('Whether certificates come with a lease.'),
  issuer_ref: attribute.text('Who issues them, by name or ID.', { fallback: 'default' }),
  key_bits: attribute.count('How long keys are; 0 for what fits the type.'),
  key_type: attribute.choice('What kind of key.', ['rsa', 'ec', 'ed25519', 'mldsa', 'any']),
  key_usage: attribute.list('Usages, by name.', { fallback: ['DigitalSignature', 'KeyAgreement', 'KeyEncipherment'] }),
  locality: attribute.list('The locality of the subject.'),
  max_ttl: attribute.span('How long certificates are valid at most.'),
  no_store: attribute.flag('Whether they are not stored, and so cannot be revoked.'),
  not_after: attribute.text('Until when they are valid, as a time.'),
  not_after_bound: attribute.text('Whether whoever asks may say until when.', { fallback: 'permit' }),
  not_before: attribute.text('From when on they are valid, as a time.'),
  not_before_bound: attribute.choice('Whether whoever asks may say from when on.', ['permit', 'duration', 'forbid']),
  not_before_duration: attribute.span('For how long before they were issued.', { fallback: 30 }),
  organization: attribute.list('The organisation of the subject.'),
  ou: attribute.list('The organisational unit of the subject.'),
  policy_identifiers: attribute.list('OIDs of policies.'),
  postal_code: attribute.list('The postal code of the subject.'),
  province: attribute.list('The province of the subject.'),
  require_cn: attribute.flag('Whether a common name is needed.', { fallback: true }),
  server_flag: attribute.flag('Whether certificates are for servers.', { fallback: true }),
  signature_bits: attribute.count('How long the hash of the signature is; 0 for what fits the key.'),
  street_address: attribute.list('The street of the subject.'),
  ttl: attribute.span('How long certificates are valid unless asked otherwise.'),
  use_csr_common_name: attribute.flag('Whether the common name is taken from the request.', { fallback: true }),
  use_csr_sans: attribute.flag('Whether alternative names are taken from the request.', { fallback: true }),
  use_pss: attribute.flag('Whether RSA signatures are PSS.'),
}

const LENGTHS: Readonly<Record<string, number>> = { rsa: 2048, ec: 256 }

/** The server says the length that it chose. */
const complete = (values: Values): Values =>
  values['key_bits'] === 0 ? { ...values, key_bits: LENGTHS[textOf(values['key_type'])] ?? 0 } : values

const roles: Collection = {
  is: 'collection',
  doc: 'Roles that say which certificates may be asked for.',
  path: 'roles',
  noun: 'role',
  shape: role,
  foldsNames: false,
  complete,
}

const span = (doc: string, fallback: number): Shape[string] => attribute.writtenSpan(doc, { fallback })

const settings = (doc: string, path: string, shape: Shape): Singleton => ({ is: 'singleton', begins: 'mount', doc, path, shape })

const urls = settings('What certificates say of where things are.', 'config/urls', {
  issuing_certificates: attribute.list('Where the certificate of the issuer is.'),
  crl_distribution_points: attribute.list('Where the list of what is revoked is.'),
  delta_crl_distribution_points: attribute.list('Where what was revoked since is.'),
  ocsp_servers: attribute.list('Who answers OCSP.'),
  enable_templating: attribute.flag('Whether those are templates.'),
})

const crl = settings('How what is revoked is told.', 'config/crl', {
  expiry: span('How long a list is valid.', 259_200),
  disable: attribute.flag('Whether no list is made.'),
  ocsp_disable: attribute.flag('Whether OCSP is not answered.'),
  ocsp_expiry: span('How long an answer of OCSP is valid.', 43_200),
  auto_rebuild: attribute.flag('Whether a list is made anew before it ends.'),
  auto_rebuild_grace_period: span('How long before.', 43_200),
  enable_delta: attribute.flag('Whether what was revoked since is told apart.'),
  delta_rebuild_interval: span('How often.', 900),
  allow_expired_cert_revocation: attribute.flag('Whether what has ended can be revoked.'),
})

/** What was said once can be changed, and never taken back. */
const cluster: Singleton = {
  is: 'singleton',
  begins: 'kept',
  doc: 'Where this mount is reached.',
  path: 'config/cluster',
  shape: {
    path: attribute.text('The URL of the mount on this cluster.', { fallback: null }),
    aia_path: attribute.text('The same for what certificates say of it.', { fallback: null }),
  },
  isAbsent: values => values['path'] === '' && values['aia_path'] === '',
}

const acmeShape: Shape = {
  enabled: attribute.flag('Whether it is spoken.'),
  allowed_issuers: attribute.set('Which issuers may be used by it.', { fallback: ['*'] }),
  allowed_roles: attribute.set('Which roles.', { fallback: ['*'], names: { on: 'mount', at: ['roles'] } }),
  allow_role_ext_key_usage: attribute.flag('Whether the extended usages of the role hold.'),
  default_directory_policy: attribute.text('What holds where no role is named.', { fallback: 'sign-verbatim' }),
  dns_resolver: attribute.text('Who resolves names, as HOST:PORT.'),
  eab_policy: attribute.choice('Who has to show an account of ours.', ['not-required', 'new-account-required', 'always-required']),
}

const acme: Singleton = {
  ...settings('The ACME protocol (RFC 8555).', 'config/acme', acmeShape),
  late: true,
}

const tidy = settings('What is cleared away by itself.', 'config/auto-tidy', {
  enabled: attribute.flag('Whether it is.'),
  interval_duration: attribute.span('How often.', { fallback: 43_200 }),
  tidy_cert_store: attribute.flag('Certificates that have ended.'),
  tidy_revoked_certs: attribute.flag('Revoked certificates that have ended.'),
  tidy_revoked_cert_issuer_associations: attribute.flag('Whether it is looked up who issued what is revoked.'),
  tidy_expired_issuers: attribute.flag('Issuers that have ended.'),
  tidy_acme: attribute.flag('Accounts and orders of ACME that have ended.'),
  tidy_invalid_certs: attribute.flag('Certificates that cannot be read.'),
  safety_buffer: attribute.span('How long after its end a certificate stays.', { fallback: 259_200 }),
  revoked_safety_buffer: attribute.span('The same, of what is revoked.', { fallback: 259_200 }),
  issuer_safety_buffer: attribute.span('The same, of an issuer.', { fallback: 31_536_000 }),
  acme_account_safety_buffer: attribute.span('The same, of an account.', { fallback: 2_592_000 }),
  pause_duration: span('How long to rest between two certificates.', 0),
  page_size: attribute.count('How many are taken at once.', { fallback: 1000 }),
  maintain_stored_certificate_counts: attribute.flag('Whether they are counted.'),
  publish_stored_certificate_count_metrics: attribute.flag('Whether the counts are metrics.'),
})

export const pki: MountType = {
  type: 'pki',
  table: 'engine',
  doc: 'A certificate authority.',
  sections: { roles, urls, crl, cluster, acme, 'auto-tidy': tidy },
}
