/** Keys and issuers that come into a mount, made here or elsewhere: each once, matched with one another, and the first of them the default. */
import type { KeyObject } from 'node:crypto'
import type { Random } from '../../../kernel/index.ts'
import { Certificate, DerError, KEY_USAGE, spkiOf, toPem } from '../../x509/index.ts'
import { rebuildChains } from './chains.ts'
import { keyTypeOf } from './key-types.ts'
import { findIssuer, findKey, isUnresolved } from './references.ts'
import { type IssuerRecord, type KeyRecord, type KeyType, type Store, USAGE } from './store.ts'

/** What was asked for cannot be; `message` is for the client. */
export class Refused extends Error {
  override readonly name = 'Refused'
}

export interface Imported<T> {
  readonly record: T
  readonly existed: boolean
}

/** Inside a transaction. @param pem of the key, in whatever form it came */
export async function importKey(store: Store, key: KeyObject, pem: string, name: string, random: Random): Promise<Imported<KeyRecord>> {
  const spki = spkiOf(key)
  const known = await store.keys()
  const same = known.find(it => it.spki.equals(spki))
  if (same !== undefined) return { record: same.record, existed: true }
  if (name !== '' && known.some(it => it.record.name === name))
    throw new Refused(`an existing key is using the requested key name value: ${name}`)
  const record: KeyRecord = { id: random.uuid(), name, type: keyTypeOf(key) as KeyType, pem: `${pem.trim()}\n` }
  await store.putKey(record)
  let hasDefault = (await store.issuersConfig()).default !== ''
  for (const issuer of await store.issuers()) {
    if (issuer.record.keyId !== '' || !issuer.certificate.spki.equals(spki)) continue
    await store.putIssuer({ ...issuer.record, keyId: record.id })
    if (!hasDefault) await setDefaultIssuer(store, issuer.record.id, issuer.record.lastModified)
    hasDefault = true
  }
  if (known.length === 0 || (await store.defaultKey()) === '') await store.setDefaultKey(record.id)
  return { record, existed: false }
}

/** Inside a transaction. @throws Refused, DerError */
export async function importIssuer(
  store: Store,
  der: Uint8Array,
  name: string,
  random: Random,
  now: Date,
): Promise<Imported<IssuerRecord>> {
  const certificate = new Certificate(der)
  if (!certificate.isCa) throw new Refused('Refusing to import non-CA certificate')
  if (!hasKnownKey(certificate))
    throw new Refused(
      'Refusing to import CA certificate with empty PublicKey. This usually means the SubjectPublicKeyInfo field has an OID not recognized by Go, such as 1.2.840.113549.1.1.10 for rsaPSS.',
    )
  const known = await store.issuers()
  const same = known.find(it => it.certificate.der.equals(certificate.der))
  if (same !== undefined) return { record: same.record, existed: true }
  if (name !== '' && known.some(it => it.record.name === name)) throw new Refused(`another issuer is using the requested name: ${name}`)
  const keyId = (await store.keys()).find(it => it.spki.equals(certificate.spki))?.record.id ?? ''
  const signsLists = (certificate.keyUsage & KEY_USAGE.crlSign) !== 0
  const fresh: IssuerRecord = {
    id: random.uuid(),
    name,
    keyId,
    certificate: `${toPem('CERTIFICATE', certificate.der)}\n`,
    caChain: [],
    manualChain: [],
    serialNumber: certificate.serialNumber,
    leafNotAfter: 'err',
    usage: USAGE.issuing | USAGE.ocspSigning | (signsLists ? USAGE.crlSigning : 0),
    revocationAlgorithm: '',
    lastModified: now.getTime(),
  }
  const record = (await rebuildChains(store, fresh)) ?? fresh
  const { default: current } = await store.issuersConfig()
  if ((known.length === 0 || current === '') && keyId !== '') await setDefaultIssuer(store, record.id, now.getTime())
  return { record, existed: false }
}

export async function setDefaultIssuer(store: Store, id: string, now: number): Promise<void> {
  const config = await store.issuersConfig()
  if (config.default === id) return
  await store.putIssuersConfig({ ...config, default: id })
  // What `default` names has changed for those who ask whether it has.
  for (const changed of [config.default, id]) {
    const issuer = await store.issuer(changed)
    if (issuer !== undefined) await store.putIssuer({ ...issuer.record, lastModified: now })
  }
}

function hasKnownKey(certificate: Certificate): boolean {
  try {
    return keyTypeOf(certificate.publicKey) !== undefined
  } catch (cause) {
    if (cause instanceof DerError) return false
    throw cause
  }
}

// ---- names ------------------------------------------------------------------------------------------------
const NAME = /^\w(?:[\w.-]*\w)?$/
export const isName = (name: string): boolean => NAME.test(name)
export const ISSUER_NAME_IN_USE = 'issuer name already in use'
export const ISSUER_NAME_EMPTY = 'expected non-empty issuer name'

/** A name for an issuer: '' when none is given. `why`: why it cannot be, with the name. */
export async function issuerName(store: Store, given: string | undefined): Promise<{ readonly name: string; readonly why?: string }> {
  if (given === undefined) return { name: '' }
  const name = given.trim()
  if (name === '') return { name, why: ISSUER_NAME_EMPTY }
  if (name.toLowerCase() === 'default') return { name, why: "reserved keyword 'default' can not be used as issuer name" }
  if (!isName(name)) return { name, why: 'issuer name contained invalid characters' }
  return isUnresolved(await findIssuer(store, name)) ? { name } : { name, why: ISSUER_NAME_IN_USE }
}

export async function keyName(store: Store, given: string | undefined): Promise<{ readonly name: string; readonly why?: string }> {
  if (given === undefined) return { name: '' }
  const name = given.trim()
  if (name.toLowerCase() === 'default') return { name, why: "reserved keyword 'default' can not be used as key name" }
  if (!isName(name)) return { name, why: 'key name contained invalid characters' }
  return isUnresolved(await findKey(store, name)) ? { name } : { name, why: 'key name already in use' }
}
