/** Certificates (RFC 5280, section 4.1): read, and made. */
import { createHash, type KeyObject } from 'node:crypto'
import { bitString, constructed, integer, sequence, TAG, time } from './der.ts'
import { DerError, readBits, Reader, readTime, whole } from './der-reader.ts'
import {
  type AlternativeNames,
  type BasicConstraints,
  encodeExtension,
  type Extension,
  KEY_USAGE,
  NO_NAMES,
  readAltNames,
  readAuthorityKeyIdentifier,
  readBasicConstraints,
  readExtensions,
  readKeyUsage,
  readSubjectKeyIdentifier,
} from './extensions.ts'
import { type Name, readName } from './name.ts'
import { OID } from './oids.ts'
import { isSignature, makeSignature, readPublicKey, readSignatureAlgorithm, type SignatureAlgorithm } from './signatures.ts'

/** A certificate that was read. What few ask for is read when it is asked for. */
export class Certificate {
  readonly der: Buffer
  /** What is signed. */
  readonly tbs: Buffer
  readonly version: number
  /** Big-endian, without a sign and leading zeros. */
  readonly serial: Buffer
  readonly issuer: Name
  readonly subject: Name
  readonly notBefore: Date
  readonly notAfter: Date
  /** SubjectPublicKeyInfo. */
  readonly spki: Buffer
  readonly extensions: readonly Extension[]
  readonly signature: Buffer
  readonly algorithm: SignatureAlgorithm | undefined
  readonly basicConstraints: BasicConstraints | undefined
  /** 0: not said. */
  readonly keyUsage: number
  readonly subjectKeyId: Buffer | undefined
  readonly authorityKeyId: Buffer | undefined
  #publicKey: KeyObject | undefined
  #names: AlternativeNames | undefined

  /** @throws DerError */
  constructor(bytes: Uint8Array) {
    const outer = whole(bytes, TAG.sequence)
    this.der = outer.raw
    const parts = new Reader(outer.content)
    const tbs = parts.read(TAG.sequence)
    this.tbs = tbs.raw
    const algorithm = parts.read(TAG.sequence)
    this.signature = readBits(parts.read(TAG.bitString))
    parts.end()
    const reader = new Reader(tbs.content)
    const version = reader.optional(0xa0)
    this.version = version === undefined ? 1 : (whole(version.content, TAG.integer).content.at(-1) as number) + 1
    this.serial = trimmed(reader.read(TAG.integer).content)
    // RFC 5280, section 4.1.1.2: the algorithm stands twice, so that it is signed too.
    if (!reader.read(TAG.sequence).raw.equals(algorithm.raw))
      throw new DerError('inner and outer signature algorithm identifiers do not match')
    this.algorithm = readSignatureAlgorithm(algorithm)
    this.issuer = readName(reader.read(TAG.sequence))
    const validity = reader.inside()
    this.notBefore = readTime(validity.read())
    this.notAfter = readTime(validity.read())
    validity.end()
    this.subject = readName(reader.read(TAG.sequence))
    this.spki = reader.read(TAG.sequence).raw
    reader.optional(0x81)
    reader.optional(0x82)
    const extensions = reader.optional(0xa3)
    reader.end()
    this.extensions = extensions === undefined ? [] : readExtensions(whole(extensions.content, TAG.sequence).content)
    if (new Set(this.extensions.map(it => it.id)).size !== this.extensions.length)
      throw new DerError('certificate contains duplicate extensions')
    const of = <T>(id: string, read: (value: Buffer) => T): T | undefined => {
      const found = this.extensions.find(it => it.id === id)
      return found && read(found.value)
    }
    this.basicConstraints = of(OID.basicConstraints, readBasicConstraints)
    this.keyUsage = of(OID.keyUsage, readKeyUsage) ?? 0
    this.subjectKeyId = of(OID.subjectKeyIdentifier, readSubjectKeyIdentifier)
    this.authorityKeyId = of(OID.authorityKeyIdentifier, readAuthorityKeyIdentifier)
  }

  get isCa(): boolean {
    return this.basicConstraints?.isCa === true
  }
  /** @throws DerError for a kind of key that is not known here */
  get publicKey(): KeyObject {
    return (this.#publicKey ??= readPublicKey(this.spki))
  }
  get names(): AlternativeNames {
    const found = this.extensions.find(it => it.id === OID.subjectAltName)
    return (this.#names ??= found === undefined ? NO_NAMES : readAltNames(found.value))
  }
  /** `1f:8b:…`, as the API writes it. */
  get serialNumber(): string {
    return hex(this.serial, ':')
  }

  /** Whether `parent` signed this, and may sign certificates. */
  isSignedBy(parent: Certificate): boolean {
    if (parent.version === 3 && !parent.isCa) return false
    if (parent.keyUsage !== 0 && (parent.keyUsage & KEY_USAGE.certSign) === 0) return false
    try {
      return this.algorithm !== undefined && isSignature(this.algorithm, parent.publicKey, this.tbs, this.signature)
    } catch {
      return false
    }
  }
}

const trimmed = (bytes: Buffer): Buffer => {
  const from = bytes.findIndex(it => it !== 0)
  return from < 0 ? Buffer.alloc(0) : bytes.subarray(from)
}

export const hex = (bytes: Uint8Array, separator: string): string =>
  Array.from(bytes, it => it.toString(16).padStart(2, '0')).join(separator)

/** RFC 5280, section 4.2.1.2, method 1: SHA-1 of the key's bits. No signature rests on it. */
export function keyIdentifier(spki: Uint8Array): Buffer {
  const reader = new Reader(whole(spki, TAG.sequence).content)
  reader.read(TAG.sequence)
  return createHash('sha1')
    .update(readBits(reader.read(TAG.bitString)))
    .digest()
}

export interface CertificateBody {
  readonly serial: Uint8Array
  readonly algorithm: SignatureAlgorithm
  /** Names as they are encoded. */
  readonly issuer: Uint8Array
  readonly subject: Uint8Array
  readonly notBefore: Date
  readonly notAfter: Date
  readonly spki: Uint8Array
  readonly extensions: readonly Extension[]
}

/** A certificate, signed by `key`. */
export async function makeCertificate(body: CertificateBody, key: KeyObject): Promise<Buffer> {
  const tbs = sequence(
    constructed(0, integer(2)),
    integer(body.serial),
    body.algorithm.identifier,
    body.issuer,
    sequence(time(body.notBefore), time(body.notAfter)),
    body.subject,
    body.spki,
    constructed(3, sequence(...body.extensions.map(encodeExtension))),
  )
  return signedSequence(tbs, body.algorithm, key)
}

/** What certificates, requests and revocation lists all are: a body, how it is signed, the signature. */
export async function signedSequence(body: Buffer, algorithm: SignatureAlgorithm, key: KeyObject): Promise<Buffer> {
  return sequence(body, algorithm.identifier, bitString(await makeSignature(algorithm, key, body)))
}
