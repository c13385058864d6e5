/** The online certificate status protocol (RFC 6960): a request is read, an answer made. */
import { createHash, type KeyObject } from 'node:crypto'
import { type Certificate, signedSequence } from './certificate.ts'
import { constructed, generalizedTime, integer, NULL, octetString, oid, primitive, sequence, TAG, tlv } from './der.ts'
import { DerError, readBits, Reader, readOid, whole } from './der-reader.ts'
import { OID } from './oids.ts'
import type { SignatureAlgorithm } from './signatures.ts'

const HASHES = { [OID.sha1]: 'sha1', [OID.sha256]: 'sha256', [OID.sha384]: 'sha384', [OID.sha512]: 'sha512' } as const

export interface OcspRequest {
  readonly hash: string
  readonly issuerNameHash: Buffer
  readonly issuerKeyHash: Buffer
  /** Big-endian, without a sign and leading zeros. */
  readonly serial: Buffer
}

/** The first certificate that is asked for. @throws DerError */
export function readOcspRequest(bytes: Uint8Array): OcspRequest {
  const request = new Reader(new Reader(whole(bytes, TAG.sequence).content).read(TAG.sequence).content)
  request.optional(0xa0)
  request.optional(0xa1)
  const id = request.inside().inside().inside()
  const algorithm = id.inside()
  const hash = HASHES[readOid(algorithm.read(TAG.oid)) as keyof typeof HASHES]
  if (hash === undefined) throw new DerError('OCSP request uses unknown hash function')
  const issuerNameHash = id.read(TAG.octetString).content
  const issuerKeyHash = id.read(TAG.octetString).content
  const serial = id.read(TAG.integer).content
  const from = serial.findIndex(it => it !== 0)
  return { hash, issuerNameHash, issuerKeyHash, serial: from < 0 ? Buffer.alloc(0) : serial.subarray(from) }
}

/** Whether the request is about a certificate of this issuer. */
export function isAbout({ hash, issuerNameHash, issuerKeyHash }: OcspRequest, issuer: Certificate): boolean {
  const spki = new Reader(whole(issuer.spki, TAG.sequence).content)
  spki.read(TAG.sequence)
  const digest = (part: Uint8Array): Buffer => createHash(hash).update(part).digest()
  return digest(issuer.subject.raw).equals(issuerNameHash) && digest(readBits(spki.read(TAG.bitString))).equals(issuerKeyHash)
}

export type OcspStatus = { readonly is: 'good' } | { readonly is: 'unknown' } | { readonly is: 'revoked'; readonly at: Date }

export interface OcspAnswer {
  readonly request: OcspRequest
  readonly status: OcspStatus
  readonly issuer: Certificate
  readonly algorithm: SignatureAlgorithm
  readonly thisUpdate: Date
  readonly nextUpdate?: Date
}

export async function makeOcspResponse(answer: OcspAnswer, key: KeyObject): Promise<Buffer> {
  const { request, issuer } = answer
  const id = sequence(
    sequence(oid(hashOid(request.hash)), NULL),
    ocspName(issuer, request.hash),
    octetString(request.issuerKeyHash),
    integer(request.serial),
  )
  const single = sequence(
    id,
    statusOf(answer.status),
    generalizedTime(answer.thisUpdate),
    ...(answer.nextUpdate === undefined ? [] : [constructed(0, generalizedTime(answer.nextUpdate))]),
  )
  const produced = new Date(answer.thisUpdate)
  produced.setUTCSeconds(0, 0)
  const data = sequence(constructed(1, issuer.subject.raw), generalizedTime(produced), sequence(single))
  const basic = await signedSequence(data, answer.algorithm, key)
  return sequence(enumerated(0), constructed(0, sequence(oid(OID.ocspBasic), octetString(basic))))
}

const ocspName = (issuer: Certificate, hash: string): Buffer => octetString(createHash(hash).update(issuer.subject.raw).digest())
const hashOid = (hash: string): string => Object.entries(HASHES).find(([, name]) => name === hash)?.[0] ?? OID.sha1
const enumerated = (value: number): Buffer => tlv(TAG.enumerated, Buffer.from([value]))

function statusOf(status: OcspStatus): Buffer {
  switch (status.is) {
    case 'good':
      return primitive(0, Buffer.alloc(0))
    case 'unknown':
      return primitive(2, Buffer.alloc(0))
    case 'revoked':
      return constructed(1, generalizedTime(status.at))
  }
}

/** What is answered when there is no answer: a status alone (RFC 6960, section 4.2.1). */
export const ocspRefusals: { readonly malformed: Buffer; readonly internal: Buffer; readonly unauthorized: Buffer } = {
  malformed: sequence(enumerated(1)),
  internal: sequence(enumerated(2)),
  unauthorized: sequence(enumerated(6)),
}
