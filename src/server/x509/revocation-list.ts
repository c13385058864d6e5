/** Certificate revocation lists (RFC 5280, section 5). */
import type { KeyObject } from 'node:crypto'
import { type Certificate, signedSequence } from './certificate.ts'
import { constructed, header, integer, sequence, TAG, time, unsigned } from './der.ts'
import { readBits, Reader, readTime, whole } from './der-reader.ts'
import { authorityKeyIdentifier, crlNumber, encodeExtension, type Extension, KEY_USAGE, readExtensions } from './extensions.ts'
import { type Name, readName } from './name.ts'
import { isSignature, readSignatureAlgorithm, type SignatureAlgorithm } from './signatures.ts'

export interface RevokedEntry {
  /** Big-endian, without a sign. */
  readonly serial: Uint8Array
  readonly at: Date
  readonly extensions?: readonly Extension[]
}

/**
 * The entries of a list, encoded as they come: a hundred thousand of them are four megabytes, and whoever collects them gives others a
 * turn in between.
 */
export class RevokedEntries {
  #bytes = Buffer.allocUnsafe(4096)
  #length = 0
  #lastTime: { readonly at: number; readonly encoded: Buffer } | undefined

  add({ serial, at, extensions }: RevokedEntry): void {
    const number = unsigned(serial)
    const moment = this.#time(at)
    const more = extensions === undefined || extensions.length === 0 ? undefined : sequence(...extensions.map(encodeExtension))
    const size = 2 + number.length + moment.length + (more?.length ?? 0)
    const outer = header(TAG.sequence, size)
    this.#reserve(outer.length + size)
    this.#write(outer)
    this.#bytes[this.#length++] = TAG.integer
    this.#bytes[this.#length++] = number.length
    this.#write(number)
    this.#write(moment)
    if (more !== undefined) this.#write(more)
  }

  get encoded(): Buffer {
    return this.#bytes.subarray(0, this.#length)
  }

  /** Many are revoked within one second. */
  #time(at: Date): Buffer {
    const second = Math.floor(at.getTime() / 1000)
    if (this.#lastTime?.at !== second) this.#lastTime = { at: second, encoded: time(at) }
    return this.#lastTime.encoded
  }

  #reserve(more: number): void {
    if (this.#length + more <= this.#bytes.length) return
    const grown = Buffer.allocUnsafe(Math.max(2 * this.#bytes.length, this.#length + more))
    this.#bytes.copy(grown, 0, 0, this.#length)
    this.#bytes = grown
  }

  #write(bytes: Buffer): void {
    bytes.copy(this.#bytes, this.#length)
    this.#length += bytes.length
  }
}

export interface RevocationListBody {
  readonly issuer: Certificate
  readonly algorithm: SignatureAlgorithm
  readonly thisUpdate: Date
  readonly nextUpdate: Date
  readonly revoked: RevokedEntries
  readonly number: number | bigint
  readonly extensions: readonly Extension[]
}

export function makeRevocationList(body: RevocationListBody, key: KeyObject): Promise<Buffer> {
  const { issuer, revoked } = body
  const extensions = [
    ...(issuer.subjectKeyId === undefined ? [] : [authorityKeyIdentifier(issuer.subjectKeyId)]),
    crlNumber(body.number),
    ...body.extensions,
  ]
  const list = revoked.encoded
  const tbs = sequence(
    integer(1),
    body.algorithm.identifier,
    issuer.subject.raw,
    time(body.thisUpdate),
    time(body.nextUpdate),
    ...(list.length === 0 ? [] : [header(TAG.sequence, list.length), list]),
    constructed(0, sequence(...extensions.map(encodeExtension))),
  )
  return signedSequence(tbs, body.algorithm, key)
}

export class RevocationList {
  readonly issuer: Name
  readonly thisUpdate: Date
  readonly nextUpdate: Date | undefined
  readonly revoked: readonly RevokedEntry[]
  readonly extensions: readonly Extension[]
  readonly algorithm: SignatureAlgorithm | undefined
  readonly #tbs: Buffer
  readonly #signature: Buffer

  /** @throws DerError */
  constructor(bytes: Uint8Array) {
    const parts = new Reader(whole(bytes, TAG.sequence).content)
    const tbs = parts.read(TAG.sequence)
    this.#tbs = tbs.raw
    this.algorithm = readSignatureAlgorithm(parts.read(TAG.sequence))
    this.#signature = readBits(parts.read(TAG.bitString))
    parts.end()
    const reader = new Reader(tbs.content)
    reader.optional(TAG.integer)
    reader.read(TAG.sequence)
    this.issuer = readName(reader.read(TAG.sequence))
    this.thisUpdate = readTime(reader.read())
    const hasEnd = reader.next === TAG.utcTime || reader.next === TAG.generalizedTime
    this.nextUpdate = hasEnd ? readTime(reader.read()) : undefined
    const entries = reader.optional(TAG.sequence)
    const extensions = reader.optional(0xa0)
    reader.end()
    this.extensions = extensions === undefined ? [] : readExtensions(whole(extensions.content, TAG.sequence).content)
    this.revoked =
      entries === undefined
        ? []
        : new Reader(entries.content).rest().map(entry => {
            const fields = new Reader(entry.content)
            const serial = fields.read(TAG.integer).content
            const at = readTime(fields.read())
            fields.optional(TAG.sequence)
            fields.end()
            return { serial, at }
          })
  }

  isSignedBy(issuer: Certificate): boolean {
    if (issuer.version === 3 && !issuer.isCa) return false
    if (issuer.keyUsage !== 0 && (issuer.keyUsage & KEY_USAGE.crlSign) === 0) return false
    return this.algorithm !== undefined && isSignature(this.algorithm, issuer.publicKey, this.#tbs, this.#signature)
  }
}
