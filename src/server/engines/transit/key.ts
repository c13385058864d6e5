/**
 * What one key keeps:
 *
 *     key/<name>              what it is and what it allows
 *     version/<name>/<n>      the secret of a version, n from 1
 *     rotating/<name>         that the key rotates by itself
 *
 * 1. A version and the key that counts it change in one transaction.
 * 2. Versions below `minAvailableVersion` are gone for good. Those below `minDecryptionVersion` are kept, and not used.
 */
import { createPrivateKey, createPublicKey, createSecretKey, hkdfSync, type KeyObject } from 'node:crypto'
import { ParsedRecords } from '../../framework/index.ts'
import { faults, type Host, type View } from '../../logical/index.ts'
import { keyTypes, type KeyType } from './key-types.ts'
import { Nonces } from './nonces.ts'

interface Stamp {
  readonly time: string
  readonly version: number
}
export interface KeyRecord {
  readonly name: string
  readonly type: string
  readonly derived: boolean
  readonly convergent: boolean
  readonly exportable: boolean
  readonly allowPlaintextBackup: boolean
  readonly deletionAllowed: boolean
  readonly minDecryptionVersion: number
  /** 0: the latest. */
  readonly minEncryptionVersion: number
  /** 0: nothing was trimmed. */
  readonly minAvailableVersion: number
  readonly latestVersion: number
  /** Seconds; 0: never. */
  readonly autoRotatePeriod: number
  /** Epoch milliseconds of the latest version, from which the period counts. */
  readonly rotated: number
  readonly imported: boolean
  readonly importedMayRotate: boolean
  readonly softDeleted: boolean
  /** Of HMAC keys, in bytes. */
  readonly keySize?: number
  readonly backup?: Stamp
  readonly restore?: Stamp
}

export interface VersionRecord {
  /** RFC 3339, with nanoseconds, as the key shows it. */
  readonly created: string
  /** base 64; what it holds is told in key-types.ts. Absent: only the public key is known. */
  readonly secret?: string
  /** base 64. */
  readonly hmacKey: string
  /** PEM, SubjectPublicKeyInfo, where there is no secret. */
  readonly publicKey?: string
  /** PEM, the leaf first. */
  readonly certificates?: string
}

/** A version in the form that is quick to use: a KeyObject is made once. */
export class Version {
  readonly record: VersionRecord
  readonly type: KeyType
  #secret: KeyObject | undefined
  #hmac: KeyObject | undefined
  #private: KeyObject | undefined
  #public: KeyObject | undefined

  constructor(record: VersionRecord, type: KeyType) {
    this.record = record
    this.type = type
  }

  get bytes(): Buffer {
    return Buffer.from(this.record.secret ?? '', 'base64')
  }
  get secret(): KeyObject {
    return (this.#secret ??= createSecretKey(this.bytes))
  }
  get hmac(): KeyObject {
    return (this.#hmac ??= createSecretKey(Buffer.from(this.record.hmacKey, 'base64')))
  }
  /** Undefined where only the public key was imported. */
  get private(): KeyObject | undefined {
    if (this.record.secret === undefined) return undefined
    return (this.#private ??=
      this.type.family === 'ed25519' ? ed25519Of(this.bytes) : createPrivateKey({ key: this.bytes, format: 'der', type: 'pkcs8' }))
  }
  get public(): KeyObject {
    return (this.#public ??= createPublicKey(this.record.publicKey ?? (this.private as KeyObject)))
  }

  /** `length` bytes that belong to a context: HKDF (RFC 5869) with SHA-256 and without a salt. */
  derive(context: Uint8Array, length: number): Buffer {
    return Buffer.from(hkdfSync('sha256', this.secret, Buffer.alloc(0), context, length))
  }
}

/** PKCS #8 of an Ed25519 key is this before the seed (RFC 8410, section 7). */
const ED25519_HEAD = Buffer.from('302e020100300506032b657004220420', 'hex')
export const ed25519Of = (seed: Uint8Array): KeyObject =>
  createPrivateKey({ key: Buffer.concat([ED25519_HEAD, seed.subarray(0, 32)]), format: 'der', type: 'pkcs8' })

const CACHE = 16 * 1024 * 1024
const parse = (bytes: Uint8Array): unknown => JSON.parse(Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength).toString())
const stored = (value: unknown): Uint8Array => Buffer.from(JSON.stringify(value))

/** What a mount has in memory. */
export class Mount {
  readonly host: Host
  readonly nonces: Nonces
  readonly #keys = new ParsedRecords<KeyRecord>(CACHE, bytes => parse(bytes) as KeyRecord)
  readonly #versions = new Map<string, ParsedRecords<Version>>()

  constructor(host: Host) {
    this.host = host
    this.nonces = new Nonces(host.random)
  }

  async close(): Promise<void> {
    this.#keys.clear()
    this.#versions.clear()
  }

  async key(view: View, name: string): Promise<KeyRecord | undefined> {
    const bytes = await view.get(`key/${name}`)
    return bytes && this.#keys.of(name, bytes)
  }

  names(view: View, page: { readonly after?: string; readonly limit?: number }): Promise<readonly string[]> {
    return view.list('key/', page)
  }

  async version(view: View, key: KeyRecord, number: number): Promise<Version> {
    const at = `version/${key.name}/${number}`
    const bytes = await view.get(at)
    if (bytes === undefined) throw faults.internal({ cause: new Error(`transit: version ${number} of a key is missing`) })
    const type = typeOf(key)
    let cache = this.#versions.get(type.name)
    if (cache === undefined)
      this.#versions.set(type.name, (cache = new ParsedRecords(CACHE, it => new Version(parse(it) as VersionRecord, type))))
    return cache.of(at, bytes)
  }
}

export const typeOf = (key: KeyRecord): KeyType => keyTypes[key.type] as KeyType

/** Inside a transaction, both with the version that it counts. */
export async function putKey(view: View, key: KeyRecord): Promise<void> {
  await view.put(`key/${key.name}`, stored(key))
  // So that the clock finds those that rotate without reading all keys.
  if (key.autoRotatePeriod > 0) await view.put(`rotating/${key.name}`, NOTHING)
  else await view.delete(`rotating/${key.name}`)
}
const NOTHING = new Uint8Array()
export const putVersion = (view: View, name: string, number: number, version: VersionRecord): Promise<void> =>
  view.put(`version/${name}/${number}`, stored(version))
export const dropVersion = (view: View, name: string, number: number): Promise<void> => view.delete(`version/${name}/${number}`)

/** Inside a transaction. */
export async function dropKey(view: View, key: KeyRecord): Promise<void> {
  for (const number of await view.list(`version/${key.name}/`)) await dropVersion(view, key.name, Number(number))
  await view.delete(`key/${key.name}`)
  await view.delete(`rotating/${key.name}`)
}

export function refuseDeleted(key: KeyRecord): void {
  if (key.softDeleted) throw faults.refused({ why: 'refusing to use soft-deleted key' })
}

/** The version that is asked for to encrypt or sign with; 0 is the latest. */
export function versionToUse(key: KeyRecord, asked: number, what: 'encryption' | 'signing'): number {
  if (asked === 0) return key.latestVersion
  if (asked < 0) throw faults.refused({ why: `requested version for ${what} is negative` })
  if (asked > key.latestVersion) throw faults.refused({ why: `requested version for ${what} is higher than the latest key version` })
  if (asked < key.minEncryptionVersion)
    throw faults.refused({ why: `requested version for ${what} is less than the minimum encryption key version` })
  return asked
}
export const NO_CONTEXT =
  "missing 'context' for key derivation; the key was created using a derived key, which means additional, per-request information must be included in order to perform operations with the key"
