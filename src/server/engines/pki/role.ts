/** A role: what may be issued by it. */
import { goQuote, parseCidr, parseJson, type Seconds } from '../../../kernel/index.ts'
import { f, type FieldsOf } from '../../../schema/index.ts'
import { faults } from '../../logical/index.ts'
import { isOid, type PolicyInformation } from '../../x509/index.ts'
import { checkKeyType } from './key-types.ts'
import { parseOtherSans } from './other-sans.ts'
import { parseRfc3339 } from './time.ts'

export interface Role {
  readonly ttl: Seconds
  readonly maxTtl: Seconds
  readonly allowLocalhost: boolean
  readonly allowedDomains: readonly string[]
  readonly allowedDomainsTemplate: boolean
  readonly allowGlobsInIdentityTemplates: boolean
  readonly allowBareDomains: boolean
  readonly allowSubdomains: boolean
  readonly allowGlobDomains: boolean
  readonly allowWildcardCertificates: boolean
  readonly allowAnyName: boolean
  readonly enforceHostnames: boolean
  readonly allowIpSans: boolean
  readonly allowedIpSansCidr: readonly string[]
  readonly allowedUriSans: readonly string[]
  readonly allowedUriSansTemplate: boolean
  readonly allowedOtherSans: readonly string[]
  readonly allowedSerialNumbers: readonly string[]
  readonly allowedUserIds: readonly string[]
  readonly serverFlag: boolean
  readonly clientFlag: boolean
  readonly codeSigningFlag: boolean
  readonly emailProtectionFlag: boolean
  readonly keyType: string
  readonly keyBits: number
  readonly signatureBits: number
  readonly usePss: boolean
  readonly keyUsage: readonly string[]
  readonly extKeyUsage: readonly string[]
  readonly extKeyUsageOids: readonly string[]
  readonly useCsrCommonName: boolean
  readonly useCsrSans: boolean
  readonly ou: readonly string[]
  readonly organization: readonly string[]
  readonly country: readonly string[]
  readonly locality: readonly string[]
  readonly province: readonly string[]
  readonly streetAddress: readonly string[]
  readonly postalCode: readonly string[]
  readonly generateLease: boolean
  readonly noStore: boolean
  readonly requireCn: boolean
  readonly cnValidations: readonly string[]
  readonly policyIdentifiers: readonly string[]
  readonly basicConstraintsValidForNonCa: boolean
  readonly notBeforeDuration: Seconds
  readonly notBefore: string
  readonly notBeforeBound: string
  readonly notAfter: string
  readonly notAfterBound: string
  readonly issuerRef: string
}
export type RoleWishes = { readonly [K in keyof Role]?: Role[K] }

/** What a role is when nothing is said. */
export const newRole: Role = {
  ttl: 0 as Seconds,
  maxTtl: 0 as Seconds,
  allowLocalhost: true,
  allowedDomains: [],
  allowedDomainsTemplate: false,
  allowGlobsInIdentityTemplates: false,
  allowBareDomains: false,
  allowSubdomains: false,
  allowGlobDomains: false,
  allowWildcardCertificates: true,
  allowAnyName: false,
  enforceHostnames: true,
  allowIpSans: true,
  allowedIpSansCidr: [],
  allowedUriSans: [],
  allowedUriSansTemplate: false,
  allowedOtherSans: [],
  allowedSerialNumbers: [],
  allowedUserIds: [],
  serverFlag: true,
  clientFlag: true,
  codeSigningFlag: false,
  emailProtectionFlag: false,
  keyType: 'rsa',
  keyBits: 0,
  signatureBits: 0,
  usePss: false,
  keyUsage: ['DigitalSignature', 'KeyAgreement', 'KeyEncipherment'],
  extKeyUsage: [],
  extKeyUsageOids: [],
  useCsrCommonName: true,
  useCsrSans: true,
  ou: [],
  organization: [],
  country: [],
  locality: [],
  province: [],
  streetAddress: [],
  postalCode: [],
  generateLease: false,
  noStore: false,
  requireCn: true,
  cnValidations: ['email', 'hostname'],
  policyIdentifiers: [],
  basicConstraintsValidForNonCa: false,
  notBeforeDuration: 30 as Seconds,
  notBefore: '',
  notBeforeBound: 'permit',
  notAfter: '',
  notAfterBound: 'permit',
  issuerRef: 'default',
}

export const roleFields: FieldsOf<RoleWishes> = {
  ttl: f.duration('How long a certificate is valid when the request does not say; 0: as the mount says.'),
  max_ttl: f.duration('How long a certificate may be valid; 0: as the mount says.'),
  allow_localhost: f.bool('Whether `localhost` and `localdomain` are allowed.'),
  allowed_domains: f.strings(
    'Domains that names are checked against, in the ways that allow_bare_domains, allow_subdomains and allow_glob_domains say.',
  ),
  allowed_domains_template: f.bool('Whether allowed_domains may hold identity templates.'),
  allow_globs_in_identity_templates: f.bool('Whether a value that replaces an identity template may hold a `*`.'),
  allow_bare_domains: f.bool('Whether an allowed domain itself is allowed.'),
  allow_subdomains: f.bool('Whether names below an allowed domain are allowed, wildcards included.'),
  allow_glob_domains: f.bool('Whether `*` in an allowed domain stands for any text.'),
  allow_wildcard_certificates: f.bool('Whether names with a wildcard are allowed at all (RFC 6125).'),
  allow_any_name: f.bool('Whether every name is allowed.'),
  enforce_hostnames: f.bool('Whether names, and the host part of e-mail addresses, must be host names.'),
  allow_ip_sans: f.bool('Whether IP addresses are allowed as alternative names.'),
  allowed_ip_sans_cidr: f.strings('Networks that IP addresses must be in; without any, all are allowed.'),
  allowed_uri_sans: f.strings('URIs that are allowed as alternative names, with `*` for any text.'),
  allowed_uri_sans_template: f.bool('Whether allowed_uri_sans may hold identity templates.'),
  allowed_other_sans: f.strings('Other names that are allowed, as `<oid>;UTF8:<glob>`; `*` for all.'),
  allowed_serial_numbers: f.strings('Serial numbers of a subject that are allowed, with `*` for any text.'),
  allowed_user_ids: f.strings('User ids of a subject that are allowed, with `*` for any text.'),
  server_flag: f.bool('Whether certificates are for servers (TLS).'),
  client_flag: f.bool('Whether certificates are for clients (TLS).'),
  code_signing_flag: f.bool('Whether certificates are for signing code.'),
  email_protection_flag: f.bool('Whether certificates are for e-mail.'),
  key_type: f.string('Type of the keys: `rsa`, `ec`, `ed25519`, `mldsa`, or `any` for whatever a request has.'),
  key_bits: f.int('Bits of the keys; 0: 2048 for rsa, 256 for ec, 44 for mldsa. In requests for signing, the least that is allowed.'),
  signature_bits: f.int('Bits of the hash that is signed: 256, 384 or 512; 0: by the key of the issuer.'),
  use_pss: f.bool('Whether an RSA issuer signs with PSS.'),
  key_usage: f.strings('Key usages (RFC 5280, section 4.2.1.3), as Go names them, without `KeyUsage`.'),
  ext_key_usage: f.strings('Extended key usages, as Go names them, without `ExtKeyUsage`.'),
  ext_key_usage_oids: f.strings('Extended key usages by their object identifiers.'),
  use_csr_common_name: f.bool('Whether the common name of a request for signing is used.'),
  use_csr_sans: f.bool('Whether the alternative names of a request for signing are used.'),
  ou: f.strings('Organizational units of the subject.'),
  organization: f.strings('Organizations of the subject.'),
  country: f.strings('Countries of the subject.'),
  locality: f.strings('Localities of the subject.'),
  province: f.strings('Provinces of the subject.'),
  street_address: f.strings('Street addresses of the subject.'),
  postal_code: f.strings('Postal codes of the subject.'),
  generate_lease: f.bool('Whether a certificate comes with a lease, at whose end it is revoked.'),
  no_store: f.bool('Whether certificates are not kept; they cannot be listed or revoked by serial number then.'),
  require_cn: f.bool('Whether a common name must be given.'),
  cn_validations: f.strings('What a common name must be: `email`, `hostname`, both for either, or `disabled`.'),
  policy_identifiers: f.strings('Policies, by object identifier, or as JSON with `oid`, `cps` and `notice`.'),
  basic_constraints_valid_for_non_ca: f.bool('Whether certificates say that they are no CA.'),
  not_before_duration: f.duration('How long before now a certificate begins to be valid.'),
  not_before: f.string('When certificates begin to be valid, whatever a request says (RFC 3339).'),
  not_before_bound: f.string(
    'Whether a request may say when it begins: `permit`, `duration` for not earlier than not_before_duration, `forbid`.',
  ),
  not_after: f.string('When certificates end, whatever a request says (RFC 3339).'),
  not_after_bound: f.string('Whether a request may say when it ends: `permit`, `ttl-limited`, `forbid`, or the latest time.'),
  issuer_ref: f.string('The issuer that signs: `default`, an identifier or a name.'),
}

const user = (why: string): Error => faults.refused({ why })
const failure = (why: string): Error => faults.failedAs({ why })

/** What is given on top of what there was, checked. @throws a fault in the peer's words */
export function checkedRole(before: Role, wishes: RoleWishes): Role {
  const role = { ...before, ...wishes }
  checkOtherSans(role.allowedOtherSans)
  const allowedIpSansCidr = role.allowedIpSansCidr.map(network)
  if (wishes.notAfterBound !== undefined) checkNotAfterBound(wishes.notAfterBound)
  if (wishes.notBeforeBound !== undefined && !['permit', 'duration', 'forbid'].includes(wishes.notBeforeBound))
    throw user('Unknown value for field `not_before_bound`. Possible values are `permit` `duration` or `forbid`')
  if (role.maxTtl > 0 && role.ttl > role.maxTtl) throw user('"ttl" value must be less than "max_ttl" value')
  const checked = checkKeyType(role.keyType, role.keyBits)
  if ('why' in checked) throw user(checked.why)
  for (const oid of role.extKeyUsageOids)
    if (!isPlainOid(oid)) throw user(`${goQuote(oid)} could not be parsed as a valid oid for an extended key usage`)
  policiesOf(role.policyIdentifiers)
  return {
    ...role,
    allowedIpSansCidr,
    keyBits: checked.bits,
    generateLease: role.generateLease && !role.noStore,
    issuerRef: role.issuerRef === '' ? 'default' : role.issuerRef,
    cnValidations: checkedCnValidations(role.cnValidations),
  }
}

function checkOtherSans(allowed: readonly string[]): void {
  if (allowed.length === 0 || (allowed.length === 1 && allowed[0] === '*')) return
  const parsed = parseOtherSans(allowed)
  if ('why' in parsed) throw user(`error parsing allowed_other_sans: ${parsed.why}`)
}

function network(text: string): string {
  const cidr = parseCidr(text)
  if (cidr === undefined) throw user(`error parsing allowed_ip_sans_cidr: invalid CIDR address: ${text}`)
  const { family, address, bits } = cidr
  const width = BigInt((family === 4 ? 32 : 128) - bits)
  return `${text.includes(':') ? ipv6((address >> width) << width) : ipv4((address >> width) << width)}/${bits}`
}
const ipv4 = (address: bigint): string => [24n, 16n, 8n, 0n].map(shift => (address >> shift) & 0xffn).join('.')
const ipv6 = (address: bigint): string =>
  new URL(
    `http://[${Array.from({ length: 8 }, (_, i) => ((address >> BigInt(112 - 16 * i)) & 0xffffn).toString(16)).join(':')}]`,
  ).hostname.slice(1, -1)

function checkNotAfterBound(bound: string): void {
  if (['permit', 'forbid', 'ttl-limited'].includes(bound) || parseRfc3339(bound) instanceof Date) return
  throw user('Unknown value for field `not_after_bound`. Possible values are `permit`, `ttl-limited`, `forbid`, or an explicit timestamp.')
}

/** Digits and dots. */
const isPlainOid = (oid: string): boolean => /^\d+(?:\.\d+)*$/.test(oid)

function checkedCnValidations(given: readonly string[]): readonly string[] {
  if (given.length === 0) return ['email', 'hostname']
  const seen = new Set<string>()
  for (const name of given) {
    const word = name.toLowerCase()
    if (!['disabled', 'email', 'hostname'].includes(word)) throw failure(`cn_validations value incorrect: unknown type: \`${name}\``)
    if (seen.has(word)) throw failure(`cn_validations value incorrect: \`${word}\` specified multiple times`)
    seen.add(word)
  }
  if (seen.has('disabled') && seen.size > 1)
    throw failure('cn_validations value incorrect: cannot specify `disabled` along with `email` or `hostname`')
  return [...seen]
}

/** Policies by their identifiers; each is an object identifier, or JSON. @throws a fault */
export function policiesOf(identifiers: readonly string[]): readonly PolicyInformation[] {
  return identifiers.flatMap(text => {
    if (text === '') return []
    if (isPlainOid(text)) return [{ oid: text }]
    let value: unknown
    try {
      value = parseJson(text)
    } catch {
      throw failure(
        `policy identifier ${goQuote(text)} is neither a valid OID: strconv.Atoi: parsing ${goQuote(badPart(text))}: invalid syntax, Nor JSON Policy Identifier: ${jsonFailure(text)}`,
      )
    }
    const {
      oid = '',
      cps = '',
      notice = '',
    } = (typeof value === 'object' ? value : {}) as Partial<Record<'oid' | 'cps' | 'notice', string>>
    if (!isOid(oid)) throw failure(`strconv.Atoi: parsing ${goQuote(badPart(oid))}: invalid syntax`)
    return [{ oid, cps, notice }]
  })
}
const badPart = (text: string): string => text.split('.').find(it => !/^\d+$/.test(it)) ?? ''
function jsonFailure(text: string): string {
  const first = text.trim()[0]
  return first === undefined || /[{["\dtfn-]/.test(first)
    ? 'unexpected end of JSON input'
    : `invalid character '${first}' looking for beginning of value`
}

/** A role may be written with its policies as the text of one JSON list; each then stands as a text of its own. */
export function policyTexts(raw: unknown, decoded: readonly string[]): readonly string[] {
  if (typeof raw !== 'string') return decoded
  let value: unknown
  try {
    value = parseJson(raw)
  } catch {
    return decoded
  }
  if (!Array.isArray(value) || !value.every(it => typeof it === 'object' && it !== null)) return decoded
  return value.map((it: Partial<Record<'oid' | 'cps' | 'notice', string>>) =>
    JSON.stringify({ oid: it.oid ?? '', ...(it.cps && { cps: it.cps }), ...(it.notice && { notice: it.notice }) }),
  )
}
