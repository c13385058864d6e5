/** Revocation lists, built on demand, and lists that are put together from elsewhere. */
import { nativeNumber, parseDuration } from '../../../kernel/index.ts'
import { f } from '../../../schema/index.ts'
import { gives, op, route, statefulFamily, type Family, type HandlersOf } from '../../framework/index.ts'
import { faults } from '../../logical/index.ts'
import {
  deltaCrlIndicator,
  DerError,
  type Extension,
  hex,
  isOid,
  makeRevocationList,
  OID,
  readPem,
  RevocationList,
  RevokedEntries,
  type RevokedEntry,
  signatureAlgorithms,
  toPem,
  usualAlgorithm,
} from '../../x509/index.ts'
import { rebuiltOrFault } from './crl-warnings.ts'
import { base64 } from './formats.ts'
import type { PkiMount } from './mount.ts'
import { reference } from './references.ts'
import { isUnusable, type Signer, signerOf } from './signer.ts'
import { USAGE } from './store.ts'
import { parseRfc3339 } from './time.ts'

const params = { issuer_ref: f.name('The issuer: `default`, an identifier or a name.') }
const common = {
  crl_number: f.int('Number of the list.'),
  delta_crl_base_number: f.int('Number of the list that it is a delta of; -1: it is none.'),
  next_update: f.string('How long it is good; 72h.'),
  format: f.string('`pem`, or `der` for base 64 of DER.'),
}
const success = { success: f.bool('Whether it was done.') }
const crl = { crl: f.string('The list.') }

const routes = {
  rotate: route('crl/rotate', {
    doc: 'Builds all revocation lists now.',
    ops: { read: op({ doc: 'Build them.', gives: gives.data(success) }) },
  }),
  rotateDelta: route('crl/rotate-delta', {
    doc: 'Builds the deltas of all revocation lists now.',
    ops: { read: op({ doc: 'Build them.', gives: gives.data(success) }) },
  }),
  resign: route('issuer/{issuer_ref}/resign-crls', {
    doc: 'One list from several of one issuer.',
    params,
    ops: { write: op({ doc: 'Sign it.', input: { ...common, crls: f.texts('The lists (PEM).') }, gives: gives.data(crl) }) },
  }),
  sign: route('issuer/{issuer_ref}/sign-revocation-list', {
    doc: 'A list of whatever is given.',
    params,
    ops: {
      write: op({
        doc: 'Sign it.',
        input: {
          ...common,
          revoked_certs: f.list('Who stands on it: `serial_number`, `revocation_time`, `extensions`.', f.map('An entry.')),
          extensions: f.list('Its extensions: `id`, `critical`, `value` in base 64.', f.map('An extension.')),
        },
        gives: gives.data(crl),
      }),
    },
  }),
}

const user = (why: string): Error => faults.refused({ why })

interface Common {
  readonly crlNumber?: number
  readonly deltaCrlBaseNumber?: number
  readonly nextUpdate?: string
  readonly format?: string
}
interface Checked {
  readonly number: number
  readonly base: number
  readonly lifeMs: number
  readonly isDer: boolean
}

function checkedFormat(format: string): boolean {
  const word = format.toLowerCase()
  if (word !== 'pem' && word !== 'der') throw user(`unknown format value of ${format}`)
  return word === 'der'
}
function checkedCommon({ crlNumber: number = 0, deltaCrlBaseNumber: base = -1, nextUpdate = '72h' }: Common, isDer: boolean): Checked {
  const life = parseDuration(nextUpdate)
  if (life === undefined) throw user(`invalid value for next_update: time: invalid duration ${JSON.stringify(nextUpdate)}`)
  if (life <= 0) throw user('next_update parameter must be greater than 0')
  if (number < 0) throw user('crl_number parameter must be 0 or greater')
  if (base < -1) throw user('delta_crl_base_number parameter must be -1 or greater')
  return { number, base, lifeMs: life * 1000, isDer }
}

export const lists: Family<PkiMount> = statefulFamily(routes, (mount: PkiMount): HandlersOf<typeof routes> => {
  const { store } = mount

  async function signer(ref: string): Promise<Signer> {
    const found = await signerOf(store, reference(ref), USAGE.crlSigning)
    if (!isUnusable(found)) return found
    throw user(
      found.why.startsWith('unable to find') || found.why.startsWith('no default')
        ? `failed to resolve issuer issuer_ref: ${found.why}`
        : found.why,
    )
  }

  async function made(
    by: Signer,
    { number, base, lifeMs, isDer }: Checked,
    revoked: RevokedEntries,
    more: readonly Extension[],
    now: Date,
  ) {
    const name = by.issuer.revocationAlgorithm
    const list = await makeRevocationList(
      {
        issuer: by.certificate,
        algorithm: name === '' ? usualAlgorithm(by.key) : signatureAlgorithms[name],
        thisUpdate: now,
        nextUpdate: new Date(now.getTime() + lifeMs),
        revoked,
        number,
        extensions: [...more, ...(base > -1 ? [deltaCrlIndicator(base)] : [])],
      },
      by.key,
    )
    return { is: 'data' as const, data: { crl: isDer ? base64(list) : `${toPem('X509 CRL', list)}\n` } }
  }

  return {
    rotate: {
      async read({ warn }) {
        for (const warning of await rebuiltOrFault(() => mount.crl.rebuild(false))) warn(warning)
        return { is: 'data', data: { success: true } }
      },
    },
    rotateDelta: {
      async read({ warn }) {
        const warnings = await rebuiltOrFault(() => mount.crl.rebuildDeltas(true), 'delta CRL')
        if (!(await store.crlConfig()).enableDelta) warn('requested rebuild of delta CRL when delta CRL is not enabled; this is a no-op')
        for (const warning of warnings) warn(warning)
        return { is: 'data', data: { success: true } }
      },
    },
    resign: {
      async write({ params: { issuerRef }, input, now, warn }) {
        const checked = checkedCommon(input, checkedFormat(input.format ?? 'pem'))
        const given = (input.crls ?? []).map(readList)
        const by = await signer(issuerRef)
        const foreign = given.findIndex(it => !it.isSignedBy(by.certificate))
        if (foreign >= 0) throw user(`CRL index: ${foreign} was not signed by requested issuer`)
        return made(by, checked, combined(given, warn), [], now)
      },
    },
    sign: {
      async write({ params: { issuerRef }, input, now }) {
        const checked = checkedCommon(input, false)
        const isDer = checkedFormat(input.format ?? 'pem')
        const revoked = new RevokedEntries()
        for (const entry of (input.revokedCerts ?? []).map(entryOf)) revoked.add(entry)
        const extensions = (input.extensions ?? []).length === 0 ? [] : extensionsOf(input.extensions ?? [])
        return made(await signer(issuerRef), { ...checked, isDer }, revoked, extensions, now)
      },
    },
  }
})

function readList(pem: string, index: number): RevocationList {
  const found = readPem(pem)
  if (found === undefined || found.rest !== '') throw user(`failed decoding crl ${index}: invalid crl; should be one PEM block only`)
  try {
    return new RevocationList(found.block.bytes)
  } catch (cause) {
    if (!(cause instanceof DerError)) throw cause
    throw user(`failed decoding crl ${index}: x509: ${cause.message}`)
  }
}

/** Each serial number once, with its earliest time. */
function combined(given: readonly RevocationList[], warn: (text: string) => void): RevokedEntries {
  const earliest = new Map<string, RevokedEntry>()
  for (const { revoked } of given) {
    for (const entry of revoked) {
      const serial = hex(entry.serial[0] === 0 ? entry.serial.subarray(1) : entry.serial, ':')
      const known = earliest.get(serial)
      if (known !== undefined && known.at.getTime() !== entry.at.getTime())
        warn(`Duplicate serial ${serial} with different revocation times detected, using oldest revocation time`)
      if (known === undefined || known.at > entry.at) earliest.set(serial, { serial: entry.serial, at: entry.at })
    }
  }
  const entries = new RevokedEntries()
  for (const entry of earliest.values()) entries.add(entry)
  return entries
}

/** A text or a number as text; anything else as none. */
const plainText = (value: unknown): string => {
  const plain = nativeNumber(value)
  return typeof plain === 'string' || typeof plain === 'number' ? String(plain) : ''
}

type Given = Readonly<Record<string, unknown>>

function entryOf(given: Given, index: number): RevokedEntry {
  const fail = (what: string, why: string): Error => user(`failed parsing ${what} from entry ${index}: ${why}`)
  const serial = given['serial_number']
  if (serial === undefined) throw fail('serial_number', "missing 'serial_number' field")
  const digits = plainText(serial).replaceAll(/[:.\- ]/g, '')
  if (digits.length % 2 === 1)
    throw fail('serial_number', "'serial_number' failed converting to bytes: encoding/hex: odd length hex string")
  if (!/^[\da-fA-F]*$/.test(digits)) throw fail('serial_number', "'serial_number' failed converting to bytes: encoding/hex: invalid byte")
  const time = given['revocation_time']
  if (time === undefined) throw fail('revocation_time', "missing 'revocation_time' field")
  const native = nativeNumber(time)
  const at =
    typeof native === 'number'
      ? new Date(native * 1000)
      : /^\d+$/.test(plainText(time))
        ? new Date(Number(time) * 1000)
        : parseRfc3339(plainText(time))
  if (!(at instanceof Date)) throw fail('revocation_time', `failed parsing time ${plainText(time)}: ${at.why}`)
  const more = given['extensions']
  if (more === undefined || more === null || more === '') return { serial: Buffer.from(digits, 'hex'), at }
  if (!Array.isArray(more)) throw fail('extensions', "'extensions' field did not contain a slice")
  return { serial: Buffer.from(digits, 'hex'), at, extensions: extensionsOf(more as readonly Given[]) }
}

const RESERVED: Readonly<Record<string, string>> = {
  [OID.authorityKeyIdentifier]: 'authority key object identifier',
  [OID.crlNumber]: 'crl number object identifier',
  [OID.deltaCrlIndicator]: 'delta crl object identifier',
}

function extensionsOf(given: readonly Given[]): readonly Extension[] {
  const seen = new Set<string>()
  return given.map((entry, index) => {
    const fail = (why: string): Error => user(`failed parsing extension entry ${index}: ${why}`)
    if (typeof entry !== 'object') throw user(`extension entry ${index} not a map`)
    const { id, critical, value } = entry as { readonly id?: unknown; readonly critical?: unknown; readonly value?: unknown }
    if (id === undefined) throw fail('missing id field')
    const oid = plainText(id)
    if (oid === '') throw fail('zero length object identifier')
    if (!isOid(oid)) throw fail(`failed parsing asn1 index element of ${oid}`)
    const reserved = RESERVED[oid]
    if (reserved !== undefined) throw fail(`${reserved} (${oid}) is reserved`)
    if (value === undefined) throw fail("missing 'value' field")
    const text = plainText(value)
    if (!/^[A-Za-z0-9+/]*={0,2}$/.test(text) || text.length % 4 !== 0)
      throw fail("failed base64 decoding 'value' field: illegal base64 data")
    if (seen.has(oid)) throw user(`duplicate extension id: ${oid}`)
    seen.add(oid)
    return { id: oid, critical: critical === true || critical === 'true' || critical === '1', value: Buffer.from(text, 'base64') }
  })
}
