/** An issuer with all that signing needs: its key, its chain, and the URLs that go into what it signs. */
import type { KeyObject } from 'node:crypto'
import { faults } from '../../logical/index.ts'
import { type Certificate, readPem } from '../../x509/index.ts'
import { findIssuer, isUnresolved } from './references.ts'
import type { Urls } from './settings.ts'
import { type Issuer, type IssuerRecord, type NotAfterBehavior, type Store, USAGE } from './store.ts'
import { isUnset, resolvedUrls } from './urls.ts'

export interface Signer {
  readonly issuer: IssuerRecord
  readonly certificate: Certificate
  readonly key: KeyObject
  readonly urls: Urls
  readonly leafNotAfter: NotAfterBehavior
  /** PEM without newlines at the ends, the issuer first. */
  readonly chain: readonly string[]
}

/** Why an issuer cannot be used; `isRequest`: the request is to blame. */
export interface Unusable {
  readonly why: string
  readonly isRequest: boolean
}

const USAGE_NAMES = [
  ['crl-signing', USAGE.crlSigning],
  ['issuing-certificates', USAGE.issuing],
  ['ocsp-signing', USAGE.ocspSigning],
  ['read-only', USAGE.readOnly],
] as const
export const usageNames = (usage: number): readonly string[] => USAGE_NAMES.filter(([, bit]) => (usage & bit) === bit).map(([name]) => name)
export const usageOf = (name: string): number | undefined => USAGE_NAMES.find(([it]) => it === name)?.[1]

/** What an issuer lacks, or nothing. */
export function missingUsage({ record }: Issuer, usage: number): string | undefined {
  if ((record.usage & usage) === usage) return undefined
  const wanted = USAGE_NAMES.find(([, bit]) => bit !== 0 && (usage & bit) === bit && (record.usage & bit) !== bit)?.[0]
  const shown = record.name === '' ? `id:${record.id}` : `id:${record.id} / name:${record.name}`
  return `requested usage ${wanted} for issuer [${shown}] but only had usage ${usageNames(record.usage).join(',')}`
}

export async function signerOf(store: Store, ref: string, usage: number): Promise<Signer | Unusable> {
  const issuer = await findIssuer(store, ref)
  return isUnresolved(issuer) ? { why: issuer.why, isRequest: true } : signerFor(store, issuer, usage)
}

export async function signerFor(store: Store, issuer: Issuer, usage: number): Promise<Signer | Unusable> {
  const { record, certificate } = issuer
  const missing = missingUsage(issuer, usage)
  if (missing !== undefined) return { why: `error while attempting to use issuer ${record.id}: ${missing}`, isRequest: false }
  const key = await store.key(record.keyId)
  if (key === undefined)
    return { why: `unable to fetch corresponding key for issuer ${record.id}; unable to use this issuer for signing`, isRequest: true }
  const urls = await urlsOf(store, record)
  if ('why' in urls) return { why: `unable to fetch AIA URL information: ${urls.why}`, isRequest: false }
  return { issuer: record, certificate, key: key.key, urls, leafNotAfter: record.leafNotAfter, chain: fullChain(record) }
}
export const isUnusable = (found: object): found is Unusable => 'why' in found

async function urlsOf(store: Store, record: IssuerRecord): Promise<Urls | { readonly why: string }> {
  const own = record.urls
  return resolvedUrls(own === undefined || isUnset(own) ? await store.urls() : own, await store.cluster(), record.id)
}

/** The issuer and what is above it, each once at most. */
export function fullChain(record: IssuerRecord): readonly string[] {
  const own = record.certificate.trim()
  const above = record.caChain.map(it => it.trim())
  return above[0] === own ? above : [own, ...above]
}

/** For what signs certificates. @throws the fault that the peer has for an issuer that cannot */
export async function issuingSigner(store: Store, ref: string): Promise<Signer> {
  const found = await signerOf(store, ref, USAGE.issuing)
  if (!isUnusable(found)) return found
  throw faults.failedAs({
    why: `${found.isRequest ? 'could not fetch the CA certificate (was one set?)' : 'error fetching CA certificate'}: ${found.why}`,
  })
}

export const derOf = (pem: string): Buffer => readPem(pem)?.block.bytes ?? Buffer.alloc(0)
