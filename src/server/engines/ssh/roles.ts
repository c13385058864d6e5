import { goPrinted, parseCidr } from '../../../kernel/index.ts'
import { f, type Decoded, type WireObject } from '../../../schema/index.ts'
import { gives, op, paging, route, family, type Family, type HandlersOf } from '../../framework/index.ts'
import { faults } from '../../logical/index.ts'
import { DEFAULT } from './issuer.ts'
import { rolesOf, type CaRole, type OtpRole, type Role } from './role.ts'
import { withoutRole } from './zero-address.ts'

const fields = {
  algorithm_signer: f.string('How an RSA key signs: `default` (`rsa-sha2-256`), `rsa-sha2-512`, `rsa-sha2-256` or `ssh-rsa`.'),
  allow_bare_domains: f.bool('Whether host certificates may be for the allowed domains themselves.'),
  allow_commas_in_identity_templates: f.bool('Whether what a template is filled with may contain commas, and so be several names.'),
  allow_empty_principals: f.bool('Whether a certificate may be good for any user or host.'),
  allow_host_certificates: f.bool('Whether certificates for hosts are signed.'),
  allow_subdomains: f.bool('Whether host certificates may be for names below the allowed domains.'),
  allow_user_certificates: f.bool('Whether certificates for users are signed.'),
  allow_user_key_ids: f.bool('Whether the caller may choose the key ID.'),
  allow_wildcards_in_identity_templates: f.bool('Whether what a template is filled with may contain `*`.'),
  allowed_critical_options: f.string('Critical options that may be asked for, with commas; any when empty.'),
  allowed_domains: f.string('Domains that host certificates may be for, with commas; `*` for any.'),
  allowed_domains_template: f.bool('Whether the allowed domains are a template.'),
  allowed_extensions: f.string('Extensions that may be asked for, with commas; `*` for any, none when empty.'),
  allowed_user_key_lengths: f.map('Which keys are signed: lengths by type, such as `{"rsa": [3072, 4096], "ed25519": [0]}`.'),
  allowed_users: f.string('Users that may be asked for, with commas; `*` for any.'),
  allowed_users_template: f.bool('Whether the allowed users are a template.'),
  cidr_list: f.string('Addresses that passwords are made for, as CIDR blocks with commas.'),
  default_critical_options: f.map('Critical options of a certificate for which none were asked.'),
  default_extensions: f.map('Extensions of a certificate for which none were asked.'),
  default_extensions_template: f.bool('Whether the values of those are templates.'),
  default_user: f.string('The user where none is asked for.'),
  default_user_template: f.bool('Whether that is a template.'),
  exclude_cidr_list: f.string('Addresses among those that no passwords are made for.'),
  issuer_ref: f.string('The issuer that signs, by identifier or name; `default` unless said.'),
  key_id_format: f.string('The key ID of certificates, with `{{token_display_name}}`, `{{role_name}}` and `{{public_key_hash}}`.'),
  key_type: f.string('What the role is for: `ca` (certificates) or `otp` (one-time passwords).'),
  max_ttl: f.duration('How long a certificate may hold at most.'),
  not_before_duration: f.duration('From how long before it was signed a certificate holds; 30 seconds by default.'),
  port: f.int('Port of SSH on the hosts; 22 by default.'),
  ttl: f.duration('How long a certificate holds unless asked otherwise.'),
}
type Input = Decoded<typeof fields>
const routes = {
  roles: route('roles', {
    doc: 'The names of all roles.',
    ops: { list: op({ doc: 'List the roles.', input: paging, gives: gives.keys }) },
  }),
  role: route('roles/{role}', {
    doc: 'What may be signed, or for whom passwords are made.',
    params: { role: f.name('Name of the role.', { at: true }) },
    ops: {
      read: op({ doc: 'Read the role.', gives: gives.data(fields) }),
      write: op({ doc: 'Make the role. What there was of this name is gone.', input: fields, gives: gives.nothing }),
      delete: op({ doc: 'Delete the role.', gives: gives.nothing }),
    },
  }),
}

/** Whatever it is becomes a text. */
export const textsOf = (values: WireObject): Readonly<Record<string, string>> =>
  Object.fromEntries(Object.entries(values).map(([name, value]) => [name, goPrinted(value)]))

function lengths(value: unknown): readonly number[] | null {
  if (value === null || value === undefined) return null
  if (typeof value === 'boolean') return [value ? 1 : 0]
  if (typeof value === 'string' && value === '') return [0]
  const items: readonly unknown[] = Array.isArray(value)
    ? value.filter(it => it !== null)
    : typeof value === 'string'
      ? value.split(',')
      : [value]
  if (items.length === 0) return null
  return items.map(it => {
    const text = typeof it === 'object' || typeof it === 'string' || typeof it === 'number' ? goPrinted(it).trim() : ''
    if (!/^-?\d{1,9}$/.test(text))
      throw faults.refused({
        why: `error processing allowed_user_key_lengths: strconv.ParseInt: parsing "${text}": invalid syntax`,
      })
    return Number(text)
  })
}

function checkBlocks(list: string, refused: (why: string) => string): void {
  for (const block of list === '' ? [] : list.split(',')) {
    if (parseCidr(block.trim()) === undefined) throw faults.failedAs({ why: refused(`invalid CIDR address: ${block}`) })
  }
}

function roleOf(given: Input): Role {
  const { cidrList = '', excludeCidrList = '', keyType = '' } = given
  checkBlocks(cidrList, why => `failed to validate cidr_list: ${why}`)
  checkBlocks(excludeCidrList, why => `failed to validate exclude_cidr_list entry: ${why}`)
  switch (keyType.toLowerCase()) {
    case '':
      throw faults.refused({ why: 'missing key type' })
    case 'otp':
      return otpRole(given)
    case 'ca':
      return caRole(given)
    case 'dynamic':
      throw faults.refused({ why: 'dynamic key type roles are no longer supported' })
    default:
      throw faults.refused({ why: 'invalid key type' })
  }
}

function otpRole({ defaultUser = '', cidrList = '', excludeCidrList = '', allowedUsers = '', port = 0 }: Input): OtpRole {
  if (defaultUser === '') throw faults.refused({ why: 'missing default user' })
  return { keyType: 'otp', defaultUser, cidrList, excludeCidrList, allowedUsers, port: port === 0 ? 22 : port }
}

const SIGNERS = new Set(['default', 'ssh-rsa', 'rsa-sha2-256', 'rsa-sha2-512'])

function caRole(given: Input): CaRole {
  const algorithmSigner = given.algorithmSigner || DEFAULT
  if (!SIGNERS.has(algorithmSigner)) throw faults.failedAs({ why: `unknown algorithm signer "${algorithmSigner}"` })
  const role: CaRole = {
    keyType: 'ca',
    algorithmSigner,
    allowBareDomains: given.allowBareDomains ?? false,
    allowCommasInIdentityTemplates: given.allowCommasInIdentityTemplates ?? false,
    allowEmptyPrincipals: given.allowEmptyPrincipals ?? false,
    allowHostCertificates: given.allowHostCertificates ?? false,
    allowSubdomains: given.allowSubdomains ?? false,
    allowUserCertificates: given.allowUserCertificates ?? false,
    allowUserKeyIds: given.allowUserKeyIds ?? false,
    allowWildcardsInIdentityTemplates: given.allowWildcardsInIdentityTemplates ?? false,
    allowedCriticalOptions: given.allowedCriticalOptions ?? '',
    allowedDomains: given.allowedDomains ?? '',
    allowedDomainsTemplate: given.allowedDomainsTemplate ?? false,
    allowedExtensions: given.allowedExtensions ?? '',
    allowedUserKeyLengths: {},
    allowedUsers: given.allowedUsers ?? '',
    allowedUsersTemplate: given.allowedUsersTemplate ?? false,
    defaultCriticalOptions: textsOf(given.defaultCriticalOptions ?? {}),
    defaultExtensions: textsOf(given.defaultExtensions ?? {}),
    defaultExtensionsTemplate: given.defaultExtensionsTemplate ?? false,
    defaultUser: given.defaultUser ?? '',
    defaultUserTemplate: given.defaultUserTemplate ?? false,
    issuerRef: given.issuerRef || DEFAULT,
    keyIdFormat: given.keyIdFormat ?? '',
    maxTtl: given.maxTtl ?? 0,
    notBeforeDuration: given.notBeforeDuration ?? 30,
    ttl: given.ttl ?? 0,
  }
  if (!role.allowUserCertificates && !role.allowHostCertificates)
    throw faults.refused({ why: "Either 'allow_user_certificates' or 'allow_host_certificates' must be set to 'true'" })
  const allowedUserKeyLengths = Object.fromEntries(
    Object.entries(given.allowedUserKeyLengths ?? {}).map(([type, value]) => [type, lengths(value)]),
  )
  if (role.ttl !== 0 && role.maxTtl !== 0 && role.ttl > role.maxTtl)
    throw faults.refused({ why: '"ttl" value must be less than "max_ttl" when both are specified' })
  return { ...role, allowedUserKeyLengths }
}

const shown = (role: Role): WireObject =>
  role.keyType === 'otp'
    ? {
        allowed_users: role.allowedUsers,
        cidr_list: role.cidrList,
        default_user: role.defaultUser,
        exclude_cidr_list: role.excludeCidrList,
        key_type: role.keyType,
        port: role.port,
      }
    : {
        algorithm_signer: role.algorithmSigner,
        allow_bare_domains: role.allowBareDomains,
        allow_commas_in_identity_templates: role.allowCommasInIdentityTemplates,
        allow_empty_principals: role.allowEmptyPrincipals,
        allow_host_certificates: role.allowHostCertificates,
        allow_subdomains: role.allowSubdomains,
        allow_user_certificates: role.allowUserCertificates,
        allow_user_key_ids: role.allowUserKeyIds,
        allow_wildcards_in_identity_templates: role.allowWildcardsInIdentityTemplates,
        allowed_critical_options: role.allowedCriticalOptions,
        allowed_domains: role.allowedDomains,
        allowed_domains_template: role.allowedDomainsTemplate,
        allowed_extensions: role.allowedExtensions,
        allowed_user_key_lengths: role.allowedUserKeyLengths,
        allowed_users: role.allowedUsers,
        allowed_users_template: role.allowedUsersTemplate,
        default_critical_options: role.defaultCriticalOptions,
        default_extensions: role.defaultExtensions,
        default_extensions_template: role.defaultExtensionsTemplate,
        default_user: role.defaultUser,
        default_user_template: role.defaultUserTemplate,
        issuer_ref: role.issuerRef,
        key_id_format: role.keyIdFormat,
        key_type: role.keyType,
        max_ttl: role.maxTtl,
        not_before_duration: role.notBeforeDuration,
        ttl: role.ttl,
      }

const handlers: HandlersOf<typeof routes> = {
  roles: {
    async list({ view, input: { after, limit } }) {
      const page = { ...(after !== undefined && { after }), ...(limit !== undefined && { limit }) }
      const keys = await rolesOf(view).names('', page)
      const info: Record<string, unknown> = {}
      for (const name of keys) {
        const role = await rolesOf(view).get(name)
        if (role !== undefined) info[name] = { key_type: role.keyType, ...(role.keyType === 'ca' && { issuer_ref: role.issuerRef }) }
      }
      return { is: 'keys', keys, info }
    },
  },
  role: {
    async read({ params, view }) {
      const role = await rolesOf(view).get(params.role)
      if (role === undefined) throw faults.notFound()
      return { is: 'wire', data: shown(role) }
    },
    async write({ params, input, view }) {
      await rolesOf(view).put(params.role, roleOf(input))
      return { is: 'nothing' }
    },
    async delete({ params, view }) {
      await view.transact(async tx => {
        await withoutRole(tx, params.role)
        await rolesOf(tx).delete(params.role)
      })
      return { is: 'nothing' }
    },
  },
}

export const roles: Family = family(routes, handlers)
