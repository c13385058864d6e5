/**
 * Certificates, requests and lists in answers, taken apart: two servers never make the same bytes, but names, times, extensions and
 * algorithms have to agree. Keys, serial numbers and identifiers stand as random values, so that the same one must come back as the same.
 */
import { createPrivateKey } from 'node:crypto'
import {
  Certificate,
  CertificateRequest,
  type Extension,
  familyOf,
  hex,
  keyBits,
  OID,
  readPem,
  RevocationList,
} from '../../../src/server/x509/index.ts'
import type { Normal } from './normal.ts'

const literal = (value: unknown): Normal => ({ is: 'literal', text: JSON.stringify(value) })
const random = (kind: string, value: string): Normal => ({ is: 'text', parts: [{ kind, value }] })
const object = (entries: Readonly<Record<string, Normal>>): Normal => ({ is: 'object', entries: Object.entries(entries) })
const list = (items: readonly Normal[]): Normal => ({ is: 'list', items })
const moment = (at: Date, now: number): Normal => ({ is: 'moment', form: 'in a certificate', offset: (at.getTime() - now) / 1000 })

/** Undefined for a text that has none of them. */
export function describeX509(text: string, now: number): Normal | undefined {
  if (text.startsWith('base64:')) return describeDer(Buffer.from(text.slice('base64:'.length), 'base64'), now)
  if (!text.includes('-----BEGIN ')) return /^M[A-Za-z0-9+/=]{60,}$/.test(text) ? describeDer(Buffer.from(text, 'base64'), now) : undefined
  const found: Normal[] = []
  for (let rest = text; ;) {
    const next = readPem(rest)
    if (next === undefined) return list([...found, literal(rest)])
    found.push(object({ label: literal(next.block.label), holds: describeDer(next.block.bytes, now) ?? literal('something') }))
    rest = next.rest
  }
}

function describeDer(der: Buffer, now: number): Normal | undefined {
  for (const describe of [certificate, request, revocationList, key]) {
    try {
      return describe(der, now)
    } catch {
      // Something else, then.
    }
  }
  return undefined
}

function certificate(der: Buffer, now: number): Normal {
  const it = new Certificate(der)
  return object({
    serial: random('serial number', it.serialNumber),
    algorithm: literal(it.algorithm?.name),
    issuer: literal(it.issuer.raw.toString('hex')),
    subject: literal(it.subject.raw.toString('hex')),
    'not before': moment(it.notBefore, now),
    'not after': moment(it.notAfter, now),
    key: literal(`${familyOf(it.publicKey)} ${keyBits(it.publicKey)}`),
    extensions: list(it.extensions.map(extension)),
  })
}

const KEY_IDS: readonly string[] = [OID.subjectKeyIdentifier, OID.authorityKeyIdentifier]

function extension({ id, critical, value }: Extension): Normal {
  // The identifier is the last twenty bytes of both.
  const shown = KEY_IDS.includes(id) ? random('key identifier', value.subarray(-20).toString('hex')) : withoutIds(value)
  return object({ id: literal(id), critical: literal(critical), value: shown })
}

/** URLs may hold an issuer's identifier. */
function withoutIds(value: Buffer): Normal {
  const text = value.toString('latin1')
  const uuid = /[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}/g
  if (!uuid.test(text)) return literal(value.toString('hex'))
  return { is: 'text', parts: [text.replaceAll(uuid, '<uuid>'), { kind: 'uuid', value: (text.match(uuid) ?? []).join() }] }
}

function request(der: Buffer): Normal {
  const it = new CertificateRequest(der)
  return object({
    subject: literal(it.subject.raw.toString('hex')),
    key: literal(`${familyOf(it.publicKey)} ${keyBits(it.publicKey)}`),
    authentic: literal(it.isAuthentic),
    extensions: list(it.extensions.map(extension)),
  })
}

function revocationList(der: Buffer, now: number): Normal {
  const it = new RevocationList(der)
  return object({
    issuer: literal(it.issuer.raw.toString('hex')),
    algorithm: literal(it.algorithm?.name),
    'this update': moment(it.thisUpdate, now),
    'next update': moment(it.nextUpdate ?? new Date(0), now),
    extensions: list(it.extensions.map(extension)),
    // In no order that means anything.
    revoked: list([
      literal(it.revoked.length),
      ...(it.revoked.length === 1 ? it.revoked.map(one => random('serial number', serialOf(one.serial))) : []),
    ]),
  })
}
const serialOf = (serial: Uint8Array): string => hex(serial[0] === 0 ? serial.subarray(1) : serial, ':')

function key(der: Buffer): Normal {
  for (const type of ['pkcs8', 'pkcs1', 'sec1'] as const) {
    try {
      const it = createPrivateKey({ key: der, format: 'der', type })
      return literal(`private key, ${type}, ${familyOf(it)} ${keyBits(it)}`)
    } catch {
      // Of another form, then.
    }
  }
  throw new Error('no key')
}
