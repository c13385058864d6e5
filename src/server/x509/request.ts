/** Certificate requests (PKCS #10, RFC 2986). */
import type { KeyObject } from 'node:crypto'
import { signedSequence } from './certificate.ts'
import { constructed, integer, oid, sequence, setOf, TAG } from './der.ts'
import { DerError, readBits, Reader, readOid, whole } from './der-reader.ts'
import { type AlternativeNames, encodeExtension, type Extension, NO_NAMES, readAltNames, readExtensions } from './extensions.ts'
import { type Name, readName } from './name.ts'
import { OID } from './oids.ts'
import { isSignature, readPublicKey, readSignatureAlgorithm, type SignatureAlgorithm } from './signatures.ts'

export class CertificateRequest {
  readonly der: Buffer
  readonly subject: Name
  readonly spki: Buffer
  readonly extensions: readonly Extension[]
  readonly names: AlternativeNames
  readonly #body: Buffer
  readonly #algorithm: SignatureAlgorithm | undefined
  readonly #signature: Buffer
  #publicKey: KeyObject | undefined

  /** @throws DerError */
  constructor(bytes: Uint8Array) {
    const outer = whole(bytes, TAG.sequence)
    this.der = outer.raw
    const parts = new Reader(outer.content)
    const body = parts.read(TAG.sequence)
    this.#body = body.raw
    this.#algorithm = readSignatureAlgorithm(parts.read(TAG.sequence))
    this.#signature = readBits(parts.read(TAG.bitString))
    parts.end()
    const reader = new Reader(body.content)
    reader.read(TAG.integer)
    this.subject = readName(reader.read(TAG.sequence))
    this.spki = reader.read(TAG.sequence).raw
    const attributes = reader.optional(0xa0)
    reader.end()
    this.extensions = attributes === undefined ? [] : requested(attributes.content)
    const names = this.extensions.find(it => it.id === OID.subjectAltName)
    this.names = names === undefined ? NO_NAMES : readAltNames(names.value)
  }

  /** @throws DerError for a kind of key that is not known here */
  get publicKey(): KeyObject {
    return (this.#publicKey ??= readPublicKey(this.spki))
  }

  /** Whether it was signed with the key that it is about. */
  get isAuthentic(): boolean {
    return this.#algorithm !== undefined && isSignature(this.#algorithm, this.publicKey, this.#body, this.#signature)
  }
}

/** The extensions that are asked for, each at most once: with two of one kind it would be open which of them was looked at. */
function requested(content: Buffer): readonly Extension[] {
  let found: readonly Extension[] | undefined
  for (const attribute of new Reader(content).rest()) {
    const reader = new Reader(attribute.content)
    if (readOid(reader.read(TAG.oid)) !== OID.extensionRequest) continue
    if (found !== undefined) throw new DerError('certificate request contains duplicate extension request attributes')
    const values = reader.inside(TAG.set)
    found = readExtensions(values.read(TAG.sequence).content)
    values.end()
  }
  if (found !== undefined && new Set(found.map(it => it.id)).size !== found.length)
    throw new DerError('certificate request contains duplicate requested extensions')
  return found ?? []
}

export function makeRequest(
  body: {
    readonly subject: Uint8Array
    readonly spki: Uint8Array
    readonly extensions: readonly Extension[]
    readonly algorithm: SignatureAlgorithm
  },
  key: KeyObject,
): Promise<Buffer> {
  const attributes =
    body.extensions.length === 0 ? [] : [sequence(oid(OID.extensionRequest), setOf([sequence(...body.extensions.map(encodeExtension))]))]
  const info = sequence(integer(0), body.subject, body.spki, constructed(0, ...attributes))
  return signedSequence(info, body.algorithm, key)
}
