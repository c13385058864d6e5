/** Certificates, from what was decided about them: which extensions, in which order, who signs. */
import type { KeyObject } from 'node:crypto'
import { faults } from '../../logical/index.ts'
import type { Random } from '../../../kernel/index.ts'
import {
  authorityInfoAccess,
  authorityKeyIdentifier,
  basicConstraints,
  Certificate,
  type CertificateRequest,
  certificatePolicies,
  crlDistributionPoints,
  DerError,
  encodeName,
  EXTENDED_KEY_USAGE,
  extendedKeyUsage,
  type Extension,
  freshestCrl,
  hasNames,
  KEY_USAGE,
  keyIdentifier,
  keyUsage,
  makeCertificate,
  OID,
  permittedDnsDomains,
  type SignatureAlgorithm,
  spkiOf,
  subjectAltName,
  subjectKeyIdentifier,
} from '../../x509/index.ts'
import { signingAlgorithm } from './key-types.ts'
import type { Names } from './names.ts'
import { policiesOf, type Role } from './role.ts'
import type { Urls } from './settings.ts'
import type { Signer } from './signer.ts'
import type { Validity } from './validity.ts'

/** What makes a certificate one of a CA. */
export interface CaWishes {
  /** Absent: any number. */
  readonly maxPathLength?: number
  readonly permittedDnsDomains: readonly string[]
  /** Beyond signing certificates and lists, only for signatures of its own. */
  readonly keyUsage: readonly string[]
  readonly extKeyUsage: readonly string[]
}

export interface Recipe {
  readonly role: Role
  readonly names: Names
  readonly validity: Validity
  readonly urls: Urls
  readonly ca?: CaWishes
  /** A request for signing; with `verbatim`, its subject and extensions are taken as they are. */
  readonly csr?: CertificateRequest
  readonly verbatim?: boolean
  readonly subjectKeyId?: Uint8Array
}

const USAGES: Readonly<Record<string, number>> = Object.fromEntries(
  Object.entries(KEY_USAGE).map(([name, bit]) => [name.toLowerCase(), bit]),
)
const EXTENDED: ReadonlyMap<string, string> = new Map(Object.entries(EXTENDED_KEY_USAGE))
const word = (text: string): string => text.trim().toLowerCase()

const usageBits = (names: readonly string[]): number => names.reduce((sum, it) => sum | (USAGES[word(it)] ?? 0), 0)
/** In the order of their table, whatever order they are named in. */
function extendedUsages(names: readonly string[]): readonly string[] {
  const wanted = new Set(names.map(word))
  return [...EXTENDED].filter(([name]) => wanted.has(name)).map(([, id]) => id)
}

function usages({ role, ca }: Recipe): { readonly bits: number; readonly extended: readonly string[] } {
  if (ca !== undefined) {
    const own = usageBits(ca.keyUsage) & KEY_USAGE.digitalSignature
    return { bits: KEY_USAGE.certSign | KEY_USAGE.crlSign | own, extended: [...extendedUsages(ca.extKeyUsage), ...role.extKeyUsageOids] }
  }
  const flags = [
    ...(role.serverFlag ? ['serverauth'] : []),
    ...(role.clientFlag ? ['clientauth'] : []),
    ...(role.codeSigningFlag ? ['codesigning'] : []),
    ...(role.emailProtectionFlag ? ['emailprotection'] : []),
  ]
  return { bits: usageBits(role.keyUsage), extended: [...extendedUsages([...flags, ...role.extKeyUsage]), ...role.extKeyUsageOids] }
}

/** 159 bits that nobody can guess (RFC 5280, section 4.1.2.2: positive, and 20 octets at most). */
export function newSerial(random: Random): Buffer {
  for (;;) {
    const bytes = Buffer.from(random.bytes(20))
    bytes[0] = (bytes[0] as number) & 0x7f
    if (bytes.some(it => it !== 0)) return bytes
  }
}

/** Extensions that were asked for, taken verbatim: never whether it is a CA, and its names only if no others were given. */
function takenOver({ csr, verbatim, names }: Recipe): readonly Extension[] {
  if (csr === undefined || verbatim !== true) return []
  return csr.extensions.filter(it => it.id !== OID.basicConstraints && (names.names.other.length === 0 || it.id !== OID.subjectAltName))
}

interface Parties {
  readonly subject: Buffer
  readonly subjectKeyId: Uint8Array
  readonly authorityKeyId: Uint8Array | undefined
}

/** In the order that clients have seen for years; what is taken over from a request stands behind, in place of ours of its kind. */
function extensionsOf(recipe: Recipe, { subject, subjectKeyId, authorityKeyId }: Parties): readonly Extension[] {
  const { role, names, urls, ca, csr, verbatim } = recipe
  const { bits, extended } = usages(recipe)
  const alternative = csr !== undefined && verbatim ? { ...csr.names, other: names.names.other } : names.names
  const isEmpty = subject.length === 2
  const policies = policiesOf(role.policyIdentifiers)
  const own: Extension[] = [
    ...(bits === 0 ? [] : [keyUsage(bits)]),
    ...(extended.length === 0 ? [] : [extendedKeyUsage(extended)]),
    ...(ca !== undefined
      ? [basicConstraints({ isCa: true, ...(ca.maxPathLength !== undefined && { maxPathLength: ca.maxPathLength }) })]
      : role.basicConstraintsValidForNonCa
        ? [basicConstraints({ isCa: false })]
        : []),
    subjectKeyIdentifier(subjectKeyId),
    ...(authorityKeyId === undefined ? [] : [authorityKeyIdentifier(authorityKeyId)]),
    ...(urls.ocspServers.length + urls.issuingCertificates.length === 0
      ? []
      : [authorityInfoAccess(urls.ocspServers, urls.issuingCertificates)]),
    ...(hasNames(alternative) && alternative.other.length === 0 ? [subjectAltName(alternative, isEmpty)] : []),
    ...(policies.length === 0 || !policies.every(it => !it.cps && !it.notice) ? [] : [certificatePolicies(policies)]),
    ...(ca !== undefined && ca.permittedDnsDomains.length > 0 ? [permittedDnsDomains(ca.permittedDnsDomains)] : []),
    ...(urls.crlDistributionPoints.length === 0 ? [] : [crlDistributionPoints(urls.crlDistributionPoints)]),
  ]
  const more: Extension[] = [
    ...takenOver(recipe),
    ...(alternative.other.length > 0 ? [subjectAltName(alternative, false)] : []),
    ...(policies.some(it => it.cps || it.notice) ? [certificatePolicies(policies)] : []),
    ...(urls.deltaCrlDistributionPoints.length === 0 ? [] : [freshestCrl(urls.deltaCrlDistributionPoints)]),
  ]
  const replaced = new Set(more.map(it => it.id))
  return [...own.filter(it => !replaced.has(it.id)), ...more]
}

interface Signing {
  readonly issuer: Buffer
  readonly key: KeyObject
  readonly algorithm: SignatureAlgorithm
  readonly authorityKeyId: Uint8Array | undefined
}

async function made(
  recipe: Recipe,
  spki: Buffer,
  signing: Signing | { readonly self: KeyObject; readonly algorithm: SignatureAlgorithm },
  random: Random,
): Promise<Certificate> {
  try {
    const { names, validity, csr, verbatim } = recipe
    const subject = csr !== undefined && verbatim ? csr.subject.raw : encodeName(names.subject)
    const subjectKeyId = recipe.subjectKeyId ?? keyIdentifier(spki)
    const isSelf = 'self' in signing
    const authorityKeyId = isSelf ? subjectKeyId : signing.authorityKeyId
    const body = {
      serial: newSerial(random),
      algorithm: signing.algorithm,
      issuer: isSelf ? subject : signing.issuer,
      subject,
      notBefore: validity.notBefore,
      notAfter: validity.notAfter,
      spki,
      extensions: extensionsOf(recipe, { subject, subjectKeyId, authorityKeyId }),
    }
    return new Certificate(await makeCertificate(body, isSelf ? signing.self : signing.key))
  } catch (cause) {
    if (!(cause instanceof DerError)) throw cause
    throw faults.failedAs({ why: `unable to create certificate: x509: ${cause.message}` }, { cause })
  }
}

/** A certificate for the holder of `spki`. */
export function signedBy(signer: Signer, recipe: Recipe, spki: Buffer, random: Random): Promise<Certificate> {
  const { role } = recipe
  const signing: Signing = {
    issuer: signer.certificate.subject.raw,
    key: signer.key,
    algorithm: signingAlgorithm(signer.key, role.signatureBits, role.usePss, recipe.csr !== undefined),
    authorityKeyId: signer.certificate.subjectKeyId,
  }
  return made(recipe, spki, signing, random)
}

/** A root: signed with its own key. */
export function selfSigned(key: KeyObject, recipe: Recipe, random: Random): Promise<Certificate> {
  const { role } = recipe
  return made(recipe, spkiOf(key), { self: key, algorithm: signingAlgorithm(key, role.signatureBits, role.usePss) }, random)
}
