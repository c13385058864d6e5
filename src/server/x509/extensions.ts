/** The extensions of certificates (RFC 5280, section 4.2): what is written, and what is read of others'. */
import { isIP } from 'node:net'
import { bitString, boolean, constructed, ia5String, integer, octetString, oid, primitive, sequence, TAG, utf8String } from './der.ts'
import { DerError, type Element, readBits, readBoolean, Reader, readInteger, readOid, whole } from './der-reader.ts'
import { OID } from './oids.ts'

export interface Extension {
  readonly id: string
  readonly critical: boolean
  readonly value: Buffer
}

export const encodeExtension = ({ id, critical, value }: Extension): Buffer =>
  sequence(oid(id), ...(critical ? [boolean(true)] : []), octetString(value))

/** The elements of an `Extensions`. @throws DerError */
export function readExtensions(content: Uint8Array): readonly Extension[] {
  return new Reader(content).rest().map(element => {
    const reader = new Reader(element.content)
    const id = readOid(reader.read(TAG.oid))
    const flag = reader.optional(TAG.boolean)
    const { content: value } = reader.read(TAG.octetString)
    reader.end()
    return { id, critical: flag !== undefined && readBoolean(flag), value }
  })
}

const plain = (id: string, value: Buffer, critical = false): Extension => ({ id, critical, value })

// ---- key usage --------------------------------------------------------------------------------------------
/** Bits as RFC 5280, section 4.2.1.3 numbers them. */
export const KEY_USAGE = {
  digitalSignature: 0x1,
  contentCommitment: 0x2,
  keyEncipherment: 0x4,
  dataEncipherment: 0x8,
  keyAgreement: 0x10,
  certSign: 0x20,
  crlSign: 0x40,
  encipherOnly: 0x80,
  decipherOnly: 0x100,
} as const

export function keyUsage(usage: number): Extension {
  const bytes = Buffer.alloc(usage > 0xff ? 2 : 1)
  let last = 0
  for (let bit = 0; bit < 9; bit++) {
    if ((usage & (1 << bit)) === 0) continue
    bytes[bit >> 3] = (bytes[bit >> 3] as number) | (0x80 >> (bit & 7))
    last = bit
  }
  return plain(OID.keyUsage, bitString(bytes, 8 * bytes.length - 1 - last), true)
}

export function readKeyUsage(value: Uint8Array): number {
  const bytes = readBits(whole(value, TAG.bitString))
  let usage = 0
  for (let bit = 0; bit < 9; bit++) if ((bytes[bit >> 3] ?? 0) & (0x80 >> (bit & 7))) usage |= 1 << bit
  return usage
}

/** Extended key usages by the names that the API has for them. */
export const EXTENDED_KEY_USAGE = {
  any: '2.5.29.37.0',
  serverauth: '1.3.6.1.5.5.7.3.1',
  clientauth: '1.3.6.1.5.5.7.3.2',
  codesigning: '1.3.6.1.5.5.7.3.3',
  emailprotection: '1.3.6.1.5.5.7.3.4',
  ipsecendsystem: '1.3.6.1.5.5.7.3.5',
  ipsectunnel: '1.3.6.1.5.5.7.3.6',
  ipsecuser: '1.3.6.1.5.5.7.3.7',
  timestamping: '1.3.6.1.5.5.7.3.8',
  ocspsigning: '1.3.6.1.5.5.7.3.9',
  microsoftservergatedcrypto: '1.3.6.1.4.1.311.10.3.3',
  netscapeservergatedcrypto: '2.16.840.1.113730.4.1',
} as const

export const extendedKeyUsage = (ids: readonly string[]): Extension => plain(OID.extendedKeyUsage, sequence(...ids.map(oid)))

// ---- what may be signed with it ---------------------------------------------------------------------------
export interface BasicConstraints {
  readonly isCa: boolean
  /** Certificates that may stand between this one and a leaf; absent: any number. */
  readonly maxPathLength?: number
}

export const basicConstraints = ({ isCa, maxPathLength }: BasicConstraints): Extension =>
  plain(
    OID.basicConstraints,
    sequence(...(isCa ? [boolean(true)] : []), ...(maxPathLength === undefined ? [] : [integer(maxPathLength)])),
    true,
  )

export function readBasicConstraints(value: Uint8Array): BasicConstraints {
  const reader = new Reader(whole(value, TAG.sequence).content)
  const flag = reader.optional(TAG.boolean)
  const length = reader.optional(TAG.integer)
  reader.end()
  return {
    isCa: flag !== undefined && readBoolean(flag),
    ...(length !== undefined && { maxPathLength: Number(readInteger(length)) }),
  }
}

/** Only DNS names below these; critical, since a reader that does not know it would let others pass. */
export const permittedDnsDomains = (domains: readonly string[]): Extension =>
  plain(OID.nameConstraints, sequence(constructed(0, ...domains.map(it => sequence(dnsName(it))))), true)

// ---- who and from whom ------------------------------------------------------------------------------------
export const subjectKeyIdentifier = (id: Uint8Array): Extension => plain(OID.subjectKeyIdentifier, octetString(id))
export const authorityKeyIdentifier = (id: Uint8Array): Extension => plain(OID.authorityKeyIdentifier, sequence(primitive(0, id)))
export const readSubjectKeyIdentifier = (value: Uint8Array): Buffer => whole(value, TAG.octetString).content
export const readAuthorityKeyIdentifier = (value: Uint8Array): Buffer | undefined =>
  new Reader(whole(value, TAG.sequence).content).optional(0x80)?.content

// ---- where to look ----------------------------------------------------------------------------------------
const uriName = (uri: string): Buffer => primitive(6, ia5(uri))
export const authorityInfoAccess = (ocsp: readonly string[], issuers: readonly string[]): Extension =>
  plain(
    OID.authorityInfoAccess,
    sequence(
      ...ocsp.map(it => sequence(oid(OID.ocspAccess), uriName(it))),
      ...issuers.map(it => sequence(oid(OID.caIssuersAccess), uriName(it))),
    ),
  )
const distributionPoints = (uris: readonly string[]): Buffer =>
  sequence(...uris.map(it => sequence(constructed(0, constructed(0, uriName(it))))))
export const crlDistributionPoints = (uris: readonly string[]): Extension => plain(OID.crlDistributionPoints, distributionPoints(uris))
export const freshestCrl = (uris: readonly string[]): Extension => plain(OID.freshestCrl, distributionPoints(uris))

// ---- policies ---------------------------------------------------------------------------------------------
export interface PolicyInformation {
  readonly oid: string
  readonly cps?: string
  readonly notice?: string
}
export const certificatePolicies = (policies: readonly PolicyInformation[]): Extension =>
  plain(
    OID.certificatePolicies,
    sequence(
      ...policies.map(({ oid: id, cps, notice }) => {
        const qualifiers = [
          ...(cps ? [sequence(oid(OID.cpsQualifier), ia5String(cps))] : []),
          ...(notice ? [sequence(oid(OID.userNoticeQualifier), sequence(utf8String(notice)))] : []),
        ]
        return sequence(oid(id), ...(qualifiers.length > 0 ? [sequence(...qualifiers)] : []))
      }),
    ),
  )

// ---- alternative names ------------------------------------------------------------------------------------
export interface OtherName {
  readonly oid: string
  readonly value: string
}
export interface AlternativeNames {
  readonly dns: readonly string[]
  readonly email: readonly string[]
  readonly ip: readonly string[]
  readonly uri: readonly string[]
  readonly other: readonly OtherName[]
}
export const NO_NAMES: AlternativeNames = { dns: [], email: [], ip: [], uri: [], other: [] }

/** An IA5String has no letter beyond ASCII. */
function ia5(value: string): Buffer {
  // eslint-disable-next-line no-control-regex -- ASCII is what is meant
  if (!/^[\u0000-\u007f]*$/.test(value)) throw new DerError(`${JSON.stringify(value)} cannot be encoded as an IA5String`)
  return Buffer.from(value, 'latin1')
}
const dnsName = (name: string): Buffer => primitive(2, ia5(name))

const otherName = ({ oid: id, value }: OtherName): Buffer => constructed(0, oid(id), constructed(0, utf8String(value)))

export const hasNames = (names: AlternativeNames): boolean => Object.values(names).some(it => it.length > 0)

export function subjectAltName(names: AlternativeNames, critical: boolean): Extension {
  const value = sequence(
    ...names.other.map(otherName),
    ...names.dns.map(dnsName),
    ...names.email.map(it => primitive(1, ia5(it))),
    ...names.ip.map(it => primitive(7, addressBytes(it))),
    ...names.uri.map(uriName),
  )
  return plain(OID.subjectAltName, value, critical)
}

/** @throws DerError for names of a form that is not one; those of kinds without a meaning here are left out, unless they are told of. */
export function readAltNames(value: Uint8Array): AlternativeNames {
  const names = { dns: [] as string[], email: [] as string[], ip: [] as string[], uri: [] as string[], other: [] as OtherName[] }
  for (const { tag, content } of new Reader(whole(value, TAG.sequence).content).rest()) {
    if (tag === 0x81) names.email.push(ascii(content))
    else if (tag === 0x82) names.dns.push(ascii(content))
    else if (tag === 0x86) names.uri.push(ascii(content))
    else if (tag === 0x87) names.ip.push(readAddress(content))
    else if (tag === 0xa0) names.other.push(readOtherName(content))
  }
  return names
}

function readOtherName(content: Buffer): OtherName {
  const reader = new Reader(content)
  const id = readOid(reader.read(TAG.oid))
  const value: Element = new Reader(reader.read(0xa0).content).read()
  if (value.tag !== TAG.utf8) throw new DerError('no UTF-8 string found in OtherName')
  return { oid: id, value: value.content.toString() }
}

function ascii(content: Buffer): string {
  if (content.some(it => it > 0x7f)) throw new DerError('a name that is no IA5String')
  return content.toString('latin1')
}

/** @throws DerError for what is no address */
export function addressBytes(text: string): Buffer {
  if (isIP(text) === 4) return Buffer.from(text.split('.').map(Number))
  const bytes = Buffer.alloc(16)
  const mapped = /^(.*:)(\d+\.\d+\.\d+\.\d+)$/.exec(text)
  let plainText = text
  if (mapped) {
    const [a = 0, b = 0, c = 0, d = 0] = (mapped[2] as string).split('.').map(Number)
    plainText = `${mapped[1]}${((a << 8) | b).toString(16)}:${((c << 8) | d).toString(16)}`
  }
  if (isIP(plainText) !== 6) throw new DerError('no IP address')
  const [before = '', behind] = plainText.split('::')
  const groups = (part: string): string[] => (part === '' ? [] : part.split(':'))
  const head = groups(before)
  const tail = groups(behind ?? '')
  head.forEach((it, i) => bytes.writeUInt16BE(Number.parseInt(it, 16), 2 * i))
  tail.forEach((it, i) => bytes.writeUInt16BE(Number.parseInt(it, 16), 16 - 2 * (tail.length - i)))
  // ::ffff:a.b.c.d stands for the IPv4 address.
  return bytes.subarray(0, 10).every(it => it === 0) && bytes.readUInt16BE(10) === 0xffff ? bytes.subarray(12) : bytes
}

function readAddress(bytes: Buffer): string {
  if (bytes.length === 4) return bytes.join('.')
  if (bytes.length !== 16) throw new DerError(`cannot parse IP address of length ${bytes.length}`)
  const groups = Array.from({ length: 8 }, (_, i) => bytes.readUInt16BE(2 * i).toString(16))
  let [start, longest] = [-1, 1]
  for (let i = 0; i < 8; i++) {
    let end = i
    while (groups[end] === '0') end++
    if (end - i > longest) [start, longest] = [i, end - i]
  }
  return start < 0 ? groups.join(':') : `${groups.slice(0, start).join(':')}::${groups.slice(start + longest).join(':')}`
}

export const crlNumber = (value: number | bigint): Extension => plain(OID.crlNumber, integer(value))
export const deltaCrlIndicator = (base: number | bigint): Extension => plain(OID.deltaCrlIndicator, integer(base), true)
