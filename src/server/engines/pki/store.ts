/**
 * What one mount keeps:
 *
 *     key/<id>            a private key
 *     issuer/<id>         a CA certificate, and how it may be used
 *     role/<name>         what may be issued
 *     cert/<serial>       DER of a certificate that was made here, serial as aa-bb-…
 *     revoked/<serial>    that it was revoked, when, and whose it was
 *     delta/<serial>      revoked since the last complete list
 *     crl/…               the lists, see crl-store.ts
 *     config/<what>       issuers, keys, urls, cluster, crl, auto-tidy
 *
 * A Store is a view of all that, typed; inside a transaction there is one of its own.
 */
import type { KeyObject } from 'node:crypto'
import { createPrivateKey } from 'node:crypto'
import { ParsedRecords } from '../../framework/index.ts'
import { collection, faults, type Collection, type View } from '../../logical/index.ts'
import { Certificate, readPem, type SignatureName, spkiOf } from '../../x509/index.ts'
import type { Role } from './role.ts'
import {
  type AutoTidyConfig,
  type ClusterConfig,
  type CrlConfig,
  defaultAutoTidy,
  defaultCrlConfig,
  noUrls,
  type Urls,
} from './settings.ts'

export interface KeyRecord {
  readonly id: string
  readonly name: string
  readonly type: KeyType
  /** Ends with a newline. */
  readonly pem: string
}
export type KeyType = 'rsa' | 'ec' | 'ed25519' | 'mldsa'

export const USAGE = { readOnly: 0, issuing: 1, crlSigning: 2, ocspSigning: 4 } as const
export type NotAfterBehavior = 'err' | 'truncate' | 'permit'

export interface IssuerRecord {
  readonly id: string
  readonly name: string
  /** '': the key is not here. */
  readonly keyId: string
  /** PEM, ends with a newline. */
  readonly certificate: string
  /** From this one up, PEM. */
  readonly caChain: readonly string[]
  readonly manualChain: readonly string[]
  readonly serialNumber: string
  readonly leafNotAfter: NotAfterBehavior
  /** Sum of USAGE. */
  readonly usage: number
  /** '': as the key would. */
  readonly revocationAlgorithm: SignatureName | ''
  /** Epoch milliseconds; absent: not revoked. */
  readonly revokedAt?: number
  readonly urls?: Urls
  /** Epoch milliseconds. */
  readonly lastModified: number
}

export interface IssuersConfig {
  /** '': none. */
  readonly default: string
  readonly followsLatest: boolean
}

/** A revoked certificate. */
export interface Revocation {
  /** base 64, DER. */
  readonly certificate: string
  /** Epoch milliseconds. */
  readonly at: number
  /** '': of none that is here. */
  readonly issuer: string
}

export interface Key {
  readonly record: KeyRecord
  readonly key: KeyObject
  /** SubjectPublicKeyInfo: two keys are the same when these are. */
  readonly spki: Buffer
}
export interface Issuer {
  readonly record: IssuerRecord
  readonly certificate: Certificate
}

/** Serial numbers as they stand in the store: aa-bb-… */
export const dashed = (serial: string): string => serial.toLowerCase().replaceAll(':', '-')
/** And as the API shows them: aa:bb:… */
export const coloned = (serial: string): string => serial.toLowerCase().replaceAll('-', ':')

const CACHE = 8 * 1024 * 1024
const json = (bytes: Uint8Array): unknown => JSON.parse(Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength).toString())

/** PEM to what it holds. @throws a fault, since what is stored was checked before */
export function certificateOf(pem: string): Certificate {
  const found = readPem(pem)
  if (found === undefined) throw faults.internal({ cause: new Error('pki: a stored certificate cannot be read') })
  return new Certificate(found.block.bytes)
}

/** What was read and parsed once, of all records that requests need again and again. */
export class Caches {
  readonly keys: ParsedRecords<Key> = new ParsedRecords<Key>(CACHE, bytes => {
    const record = json(bytes) as KeyRecord
    const key = createPrivateKey(record.pem)
    return { record, key, spki: spkiOf(key) }
  })
  readonly issuers: ParsedRecords<Issuer> = new ParsedRecords<Issuer>(CACHE, bytes => {
    const record = json(bytes) as IssuerRecord
    return { record, certificate: certificateOf(record.certificate) }
  })
  readonly roles: ParsedRecords<Role> = new ParsedRecords<Role>(CACHE, bytes => json(bytes) as Role)
  readonly settings: ParsedRecords<unknown> = new ParsedRecords<unknown>(CACHE, json)

  clear(): void {
    for (const cache of [this.keys, this.issuers, this.roles, this.settings]) cache.clear()
  }
}

const stored = (value: unknown): Buffer => Buffer.from(JSON.stringify(value))

export class Store {
  readonly view: View
  readonly revocations: Collection<Revocation>
  readonly #caches: Caches

  constructor(view: View, caches: Caches) {
    this.view = view
    this.#caches = caches
    this.revocations = collection(view, 'revoked/')
  }

  /** All that `work` changes is kept at once, or nothing; it may run more than once. */
  transact<T>(work: (store: Store) => Promise<T>): Promise<T> {
    return this.view.transact(view => work(new Store(view, this.#caches)))
  }

  // ---- roles
  async role(name: string): Promise<Role | undefined> {
    const bytes = await this.view.get(`role/${name}`)
    return bytes && this.#caches.roles.of(name, bytes)
  }
  putRole = (name: string, role: Role): Promise<void> => this.view.put(`role/${name}`, stored(role))

  // ---- keys
  keyIds = (page?: Page): Promise<readonly string[]> => this.view.list('key/', page)
  async key(id: string): Promise<Key | undefined> {
    const bytes = id === '' ? undefined : await this.view.get(`key/${id}`)
    return bytes && this.#caches.keys.of(id, bytes)
  }
  async keys(): Promise<readonly Key[]> {
    const found = await Promise.all((await this.keyIds()).map(id => this.key(id)))
    return found.filter(it => it !== undefined)
  }
  putKey = (record: KeyRecord): Promise<void> => this.view.put(`key/${record.id}`, stored(record))
  async dropKey(id: string): Promise<boolean> {
    const isDefault = (await this.defaultKey()) === id
    if (isDefault) await this.setDefaultKey('')
    await this.view.delete(`key/${id}`)
    return isDefault
  }
  async defaultKey(): Promise<string> {
    return (await this.#settings<{ readonly default: string }>('keys'))?.default ?? ''
  }
  setDefaultKey = (id: string): Promise<void> => this.view.put('config/keys', stored({ default: id }))

  // ---- issuers
  issuerIds = (page?: Page): Promise<readonly string[]> => this.view.list('issuer/', page)
  async issuer(id: string): Promise<Issuer | undefined> {
    const bytes = id === '' ? undefined : await this.view.get(`issuer/${id}`)
    return bytes && this.#caches.issuers.of(id, bytes)
  }
  async issuers(): Promise<readonly Issuer[]> {
    const found = await Promise.all((await this.issuerIds()).map(id => this.issuer(id)))
    return found.filter(it => it !== undefined)
  }
  putIssuer = (record: IssuerRecord): Promise<void> => this.view.put(`issuer/${record.id}`, stored(record))
  async dropIssuer(id: string): Promise<boolean> {
    const config = await this.issuersConfig()
    if (config.default === id) await this.putIssuersConfig({ ...config, default: '' })
    await this.view.delete(`issuer/${id}`)
    return config.default === id
  }
  async issuersConfig(): Promise<IssuersConfig> {
    return (await this.#settings<IssuersConfig>('issuers')) ?? { default: '', followsLatest: false }
  }
  putIssuersConfig = (config: IssuersConfig): Promise<void> => this.view.put('config/issuers', stored(config))

  // ---- settings
  urls = async (): Promise<Urls> => (await this.#settings<Urls>('urls')) ?? noUrls
  putUrls = (urls: Urls): Promise<void> => this.view.put('config/urls', stored(urls))
  cluster = async (): Promise<ClusterConfig> => (await this.#settings<ClusterConfig>('cluster')) ?? { path: '', aiaPath: '' }
  putCluster = (cluster: ClusterConfig): Promise<void> => this.view.put('config/cluster', stored(cluster))
  crlConfig = async (): Promise<CrlConfig> => (await this.#settings<CrlConfig>('crl')) ?? defaultCrlConfig
  putCrlConfig = (config: CrlConfig): Promise<void> => this.view.put('config/crl', stored(config))
  autoTidy = async (): Promise<AutoTidyConfig> => (await this.#settings<AutoTidyConfig>('auto-tidy')) ?? defaultAutoTidy
  putAutoTidy = (config: AutoTidyConfig): Promise<void> => this.view.put('config/auto-tidy', stored(config))

  async #settings<T>(name: string): Promise<T | undefined> {
    const bytes = await this.view.get(`config/${name}`)
    return bytes && (this.#caches.settings.of(name, bytes) as T)
  }

  // ---- certificates
  certificate = (serial: string): Promise<Uint8Array | undefined> => this.view.get(`cert/${dashed(serial)}`)
  putCertificate = (serial: string, der: Uint8Array): Promise<void> => this.view.put(`cert/${dashed(serial)}`, der)
}

export interface Page {
  readonly after?: string
  readonly limit?: number
}
export const page = ({ after, limit }: Page): Page => ({ ...(after !== undefined && { after }), ...(limit !== undefined && { limit }) })
