/** What roles are for: certificates with keys that are made here, and certificates for requests for signing. */
import { createPublicKey } from 'node:crypto'
import { seconds } from '../../../kernel/index.ts'
import type { FieldsOf } from '../../../schema/index.ts'
import { f } from '../../../schema/index.ts'
import { type Call, gives, op, route, statefulFamily, type Family, type HandlersOf } from '../../framework/index.ts'
import { faults, type Issued } from '../../logical/index.ts'
import { type Certificate, generateKey, spkiOf } from '../../x509/index.ts'
import { readRequest, requestKey } from './csr.ts'
import { base64, certificatePem, type Format, formatOf, type ShownKey, shownKey, traditionalPem } from './formats.ts'
import { checkKeyType } from './key-types.ts'
import { signedBy } from './making.ts'
import type { PkiMount } from './mount.ts'
import { namesFor, type NameWishes } from './names.ts'
import { reference } from './references.ts'
import { newRole, type Role } from './role.ts'
import { derOf, issuingSigner, type Signer } from './signer.ts'
import type { KeyType } from './store.ts'
import { templatingFor } from './templating.ts'
import { checkOrder, forRequest, validityOf, type ValidityWishes } from './validity.ts'
import { certificateOf } from './store.ts'

/** What both issuing and signing take. */
export interface CertificateWishes {
  readonly commonName?: string
  readonly altNames?: string
  readonly ipSans?: readonly string[]
  readonly uriSans?: readonly string[]
  readonly otherSans?: readonly string[]
  readonly serialNumber?: string
  readonly excludeCnFromSans?: boolean
  readonly userIds?: readonly string[]
  readonly ttl?: ReturnType<typeof seconds>
  readonly notBefore?: string
  readonly notAfter?: string
  readonly format?: string
  readonly privateKeyFormat?: string
  readonly removeRootsFromChain?: boolean
  readonly issuerRef?: string
}
const wishes: FieldsOf<CertificateWishes> = {
  common_name: f.string('Common name of the subject; an e-mail address where the role allows that.'),
  alt_names: f.string('Host names and e-mail addresses that it is for too, with commas between them.'),
  ip_sans: f.strings('IP addresses that it is for too.'),
  uri_sans: f.strings('URIs that it is for too.'),
  other_sans: f.strings('Other names that it is for, as `<oid>;UTF8:<text>`.'),
  serial_number: f.string("The subject's own serial number (RFC 4519, section 2.31), not the certificate's."),
  exclude_cn_from_sans: f.bool('Whether the common name is left out of the alternative names.'),
  user_ids: f.strings('User ids of the subject.'),
  ttl: f.duration('How long it is valid; within what the role and the mount allow.'),
  not_before: f.string('When it begins to be valid (RFC 3339), where the role permits that.'),
  not_after: f.string('When it ends (RFC 3339), in place of ttl.'),
  format: f.string('`pem`, `der` for base 64 of DER, or `pem_bundle` for key, certificate and chain in one text.'),
  private_key_format: f.string('`pkcs8` for a key in PKCS #8; otherwise in the form of its type.'),
  remove_roots_from_chain: f.bool('Whether self-signed certificates are left out of the chain.'),
  issuer_ref: f.string('Taken from the path, or from the role.'),
}
interface Verbatim {
  readonly keyUsage?: readonly string[]
  readonly extKeyUsage?: readonly string[]
  readonly extKeyUsageOids?: readonly string[]
  readonly signatureBits?: number
  readonly usePss?: boolean
  readonly basicConstraintsValidForNonCa?: boolean
  readonly csr?: string
}
const csr = f.string('The request for signing (PEM).')
const verbatim: FieldsOf<Verbatim> = {
  key_usage: f.strings('Key usages.'),
  ext_key_usage: f.strings('Extended key usages.'),
  ext_key_usage_oids: f.strings('Extended key usages by their object identifiers.'),
  signature_bits: f.int('Bits of the hash that is signed.'),
  use_pss: f.bool('Whether an RSA issuer signs with PSS.'),
  basic_constraints_valid_for_non_ca: f.bool('Whether the certificate says that it is no CA.'),
  csr,
}
const keyWishes = { key_type: f.string('Type of the key, where the role leaves it open.'), key_bits: f.int('Bits of the key, likewise.') }

const signed = {
  certificate: f.string('The certificate.'),
  issuing_ca: f.string('The certificate of its issuer.'),
  ca_chain: f.strings('The issuer, and what is above it.'),
  serial_number: f.string('Its serial number.'),
  not_before: f.int('When it begins (seconds since 1970).'),
  expiration: f.int('When it ends (seconds since 1970).'),
}
const issued = {
  ...signed,
  private_key: f.string('Its private key, which is not kept.', { secret: true }),
  private_key_type: f.string('Type of the key.'),
}

const role = f.name('Name of the role.')
const issuer_ref = f.name('The issuer: `default`, an identifier or a name.')
const issueOp = op({
  doc: 'Make a key and a certificate for it.',
  input: { ...wishes, ...keyWishes },
  gives: [gives.data(issued), gives.lease(issued)],
})
const signOp = op({ doc: 'Sign.', input: { ...wishes, csr }, gives: [gives.data(signed), gives.lease(signed)] })
const verbatimOp = op({ doc: 'Sign.', input: { ...wishes, ...verbatim }, gives: [gives.data(signed), gives.lease(signed)] })

const routes = {
  issue: route('issue/{role}', { doc: 'A certificate by a role, with a new key.', params: { role }, ops: { write: issueOp } }),
  sign: route('sign/{role}', { doc: 'A certificate by a role, for a request for signing.', params: { role }, ops: { write: signOp } }),
  verbatim: route('sign-verbatim', {
    doc: 'A certificate for a request for signing, with all that it asks for.',
    ops: { write: verbatimOp },
  }),
  verbatimRole: route('sign-verbatim/{role}', {
    doc: 'The same, for as long as a role says.',
    params: { role },
    ops: { write: verbatimOp },
  }),
  issuerIssue: route('issuer/{issuer_ref}/issue/{role}', {
    doc: 'A certificate by a role, with a new key, from this issuer.',
    params: { issuer_ref, role },
    ops: { write: issueOp },
  }),
  issuerSign: route('issuer/{issuer_ref}/sign/{role}', {
    doc: 'A certificate by a role, for a request for signing, from this issuer.',
    params: { issuer_ref, role },
    ops: { write: signOp },
  }),
  issuerVerbatim: route('issuer/{issuer_ref}/sign-verbatim', {
    doc: 'A certificate for a request for signing, with all that it asks for, from this issuer.',
    params: { issuer_ref },
    ops: { write: verbatimOp },
  }),
  issuerVerbatimRole: route('issuer/{issuer_ref}/sign-verbatim/{role}', {
    doc: 'The same, for as long as a role says.',
    params: { issuer_ref, role },
    ops: { write: verbatimOp },
  }),
}

type About = Pick<Call, 'caller' | 'now' | 'warn'>

/** A certificate that was made, and who signed it. */
export interface Made {
  readonly certificate: Certificate
  readonly signer: Signer
  /** What whoever asked should know. */
  readonly warnings: readonly string[]
}

/**
 * Signs a request by a role: this is also what ACME's finalisation of an order ends in. The names of the request count where the role
 * says so, else those of `given`; what the role does not allow throws a fault.
 */
export async function signByRole(
  mount: PkiMount,
  by: Role,
  signer: Signer,
  request: string,
  given: NameWishes & ValidityWishes,
  about: About,
  takesAll = false,
): Promise<Made> {
  const { host } = mount
  const parsed = readRequest(request)
  const checked = requestKey(parsed, by)
  const templating = await templatingFor(mount, checked, about.caller)
  const names = namesFor(checked, given, parsed, templating)
  const validity = forRequest(validityOf(checked, given, signer, host.leaseDefaults(), about.now), checked, about.now)
  if (!parsed.isAuthentic) throw faults.refused({ why: 'request signature invalid' })
  const certificate = await signedBy(
    signer,
    { role: checked, names, validity, urls: signer.urls, csr: parsed, verbatim: takesAll },
    parsed.spki,
    host.random,
  )
  return { certificate, signer, warnings: [...validity.warnings, ...ignoredConstraints(parsed.extensions, checked)] }
}

function ignoredConstraints(extensions: readonly { readonly id: string }[], by: Role): readonly string[] {
  return extensions
    .filter(it => it.id === '2.5.29.19' && !by.basicConstraintsValidForNonCa)
    .map(() => 'specified CSR contained a Basic Constraints extension that was ignored during issuance')
}

/** Keeps a certificate where the role wants that. */
export async function keep(mount: PkiMount, by: Role, { certificate }: Made): Promise<void> {
  if (!by.noStore) await mount.store.putCertificate(certificate.serialNumber, certificate.der)
}

type Shown = Readonly<Record<'certificate' | 'issuingCa' | 'serialNumber', string>> & {
  readonly caChain?: readonly string[]
  readonly notBefore: number
  readonly expiration: number
}
const secondsOf = (at: Date): number => Math.floor(at.getTime() / 1000)

function shown({ certificate, signer }: Made, format: Format, withoutRoots: boolean, key?: string): Shown {
  const chain = signer.chain.filter(pem => !withoutRoots || !isRoot(certificateOf(pem)))
  const pem = certificatePem(certificate)
  return {
    certificate:
      format === 'der'
        ? base64(certificate.der)
        : format === 'pem'
          ? pem
          : [...(key === undefined ? [] : [key]), pem, ...signer.chain].join('\n'),
    issuingCa: format === 'der' ? base64(signer.certificate.der) : certificatePem(signer.certificate),
    ...(chain.length > 0 && { caChain: format === 'der' ? chain.map(it => base64(derOf(it))) : chain }),
    serialNumber: certificate.serialNumber,
    notBefore: secondsOf(certificate.notBefore),
    expiration: secondsOf(certificate.notAfter),
  }
}

function isRoot(certificate: Certificate): boolean {
  const { authorityKeyId, subjectKeyId } = certificate
  if (authorityKeyId !== undefined && authorityKeyId.length > 0) return subjectKeyId !== undefined && authorityKeyId.equals(subjectKeyId)
  return certificate.issuer.raw.equals(certificate.subject.raw) && certificate.isSignedBy(certificate)
}

function leased(serial: string, certificate: Certificate, now: Date): Issued {
  return {
    kind: 'pki',
    internal: { serial_number: serial },
    ttl: seconds((certificate.notAfter.getTime() - now.getTime()) / 1000),
    renewable: false,
  }
}

export const issue: Family<PkiMount> = statefulFamily(routes, (mount: PkiMount): HandlersOf<typeof routes> => {
  const { store, host } = mount

  const roleOf = async (name: string): Promise<Role> => {
    const found = await store.role(name)
    if (found === undefined) throw faults.refused({ why: `unknown role: ${name}` })
    return found
  }

  type Answer<T> = { readonly is: 'data'; readonly data: T } | { readonly is: 'lease'; readonly data: T; readonly secret: Issued }
  function answer<T>(by: Role, data: T, { certificate }: Made, now: Date): Answer<T> {
    return by.generateLease ? { is: 'lease', data, secret: leased(certificate.serialNumber, certificate, now) } : { is: 'data', data }
  }

  async function issueBy(
    by: Role,
    ref: string,
    input: CertificateWishes & { readonly keyType?: string; readonly keyBits?: number },
    about: About,
  ): Promise<Answer<Shown & ShownKey>> {
    const { keyType, keyBits = 0 } = input
    const isOpen = by.keyType === 'any'
    if (isOpen && keyType === undefined)
      throw faults.refused({
        why: 'role key type "any" not allowed for issuing certificates without providing key_type and/or key_bits request parameters',
      })
    const checked = isOpen ? checkKeyType(keyType as string, keyBits) : { bits: by.keyBits }
    if ('why' in checked) throw faults.failedAs({ why: `failed to validate role: ${checked.why}` })
    const role: Role = isOpen ? { ...by, keyType: keyType as string, keyBits: checked.bits } : by
    const signer = await issuingSigner(store, ref)
    const format = formatOf(input.format ?? 'pem')
    const names = namesFor(role, input, undefined, await templatingFor(mount, role, about.caller))
    const validity = validityOf(role, input, signer, host.leaseDefaults(), about.now)
    checkOrder(validity)
    const key = await newKey(role)
    const certificate = await signedBy(signer, { role, names, validity, urls: signer.urls }, spkiOf(createPublicKey(key)), host.random)
    const made = { certificate, signer, warnings: validity.warnings }
    await keep(mount, role, made)
    for (const warning of made.warnings) about.warn(warning)
    if (!isOpen && (keyType !== undefined || input.keyBits !== undefined))
      about.warn('parameters key_type and key_bits ignored as role had specific values')
    const data = {
      ...shown(made, format, input.removeRootsFromChain ?? false, traditionalPem(key)),
      ...shownKey(key, format, input.privateKeyFormat === 'pkcs8'),
    }
    return answer(role, data, made, about.now)
  }

  async function signBy(
    by: Role,
    ref: string,
    input: CertificateWishes & { readonly csr?: string },
    about: About,
    takesAll: boolean,
  ): Promise<Answer<Shown>> {
    const signer = await issuingSigner(store, ref)
    const format = formatOf(input.format ?? 'pem')
    const made = await signByRole(mount, by, signer, input.csr ?? '', { ...input, userIds: input.userIds ?? [] }, about, takesAll)
    await keep(mount, by, made)
    if (by.useCsrCommonName && input.commonName)
      about.warn('the common_name field was provided but the role is set with "use_csr_common_name" set to true')
    if (by.useCsrSans && input.altNames) about.warn('the alt_names field was provided but the role is set with "use_csr_sans" set to true')
    for (const warning of made.warnings) about.warn(warning)
    return answer(by, shown(made, format, input.removeRootsFromChain ?? false), made, about.now)
  }

  const verbatimBy = (
    by: Role | undefined,
    ref: string | undefined,
    input: CertificateWishes & Verbatim,
    about: About,
  ): Promise<Answer<Shown>> => {
    const role = verbatimRole(by, input)
    return signBy(role, ref ?? role.issuerRef, input, about, true)
  }

  return {
    issue: {
      async write({ params, input, ...about }) {
        const by = await roleOf(params.role)
        return issueBy(by, by.issuerRef, input, about)
      },
    },
    sign: {
      async write({ params, input, ...about }) {
        const by = await roleOf(params.role)
        return signBy(by, by.issuerRef, input, about, false)
      },
    },
    verbatim: { write: ({ input, ...about }) => verbatimBy(undefined, undefined, input, about) },
    verbatimRole: { write: async ({ params, input, ...about }) => verbatimBy(await roleOf(params.role), undefined, input, about) },
    issuerIssue: {
      write: async ({ params, input, ...about }) => issueBy(await roleOf(params.role), reference(params.issuerRef), input, about),
    },
    issuerSign: {
      write: async ({ params, input, ...about }) => signBy(await roleOf(params.role), reference(params.issuerRef), input, about, false),
    },
    issuerVerbatim: { write: ({ params, input, ...about }) => verbatimBy(undefined, reference(params.issuerRef), input, about) },
    issuerVerbatimRole: {
      write: async ({ params, input, ...about }) => verbatimBy(await roleOf(params.role), reference(params.issuerRef), input, about),
    },
  }
})

async function newKey({ keyType, keyBits }: Role): Promise<Awaited<ReturnType<typeof generateKey>>> {
  return generateKey(keyType as KeyType, keyBits)
}

/** All is allowed; of a role only how long, from whom, and whether it is kept. */
export function verbatimRole(by: Role | undefined, input: Verbatim): Role {
  return {
    ...newRole,
    allowAnyName: true,
    allowedOtherSans: ['*'],
    allowedSerialNumbers: ['*'],
    allowedUriSans: ['*'],
    allowedUserIds: ['*'],
    enforceHostnames: false,
    requireCn: false,
    serverFlag: false,
    clientFlag: false,
    keyType: 'any',
    cnValidations: ['disabled'],
    keyUsage: input.keyUsage ?? newRole.keyUsage,
    extKeyUsage: input.extKeyUsage ?? [],
    extKeyUsageOids: input.extKeyUsageOids ?? [],
    signatureBits: input.signatureBits ?? 0,
    usePss: input.usePss ?? false,
    basicConstraintsValidForNonCa: input.basicConstraintsValidForNonCa ?? by?.basicConstraintsValidForNonCa ?? false,
    notBeforeDuration: by?.notBeforeDuration || newRole.notBeforeDuration,
    ttl: by?.ttl ?? newRole.ttl,
    maxTtl: by?.maxTtl ?? newRole.maxTtl,
    generateLease: by?.generateLease ?? false,
    noStore: by?.noStore ?? false,
    issuerRef: by?.issuerRef ?? newRole.issuerRef,
  }
}
