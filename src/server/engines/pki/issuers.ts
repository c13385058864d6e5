/** The issuers of a mount: their names, what they may do, and where they are for whoever has no token. */
import { f, type FieldsOf, type WireObject } from '../../../schema/index.ts'
import { type Call, gives, op, paging, route, statefulFamily, type Family, type HandlersOf } from '../../framework/index.ts'
import { faults } from '../../logical/index.ts'
import { type Certificate, familyOf, KEY_USAGE, signatureAlgorithms, type SignatureName, toPem } from '../../x509/index.ts'
import { rebuildChains } from './chains.ts'
import { rebuilt, rebuiltOrFault } from './crl-warnings.ts'
import { issuerName, ISSUER_NAME_EMPTY, ISSUER_NAME_IN_USE } from './imports.ts'
import { revocationAlgorithm } from './key-types.ts'
import type { PkiMount } from './mount.ts'
import { DEFAULT, findIssuer, isUnresolved, reference } from './references.ts'
import { rolesReferencing } from './role-references.ts'
import { noUrls, type Urls } from './settings.ts'
import { derOf, usageNames, usageOf } from './signer.ts'
import { dashed, type Issuer, type IssuerRecord, type NotAfterBehavior, page, type Store, USAGE } from './store.ts'
import { shownTime } from './time.ts'
import { badUrl, isUnset, resolvedUrls } from './urls.ts'

interface IssuerSettings {
  readonly issuerName?: string
  readonly manualChain?: readonly string[]
  readonly leafNotAfterBehavior?: string
  readonly usage?: readonly string[]
  readonly revocationSignatureAlgorithm?: string
  readonly issuingCertificates?: readonly string[]
  readonly crlDistributionPoints?: readonly string[]
  readonly deltaCrlDistributionPoints?: readonly string[]
  readonly ocspServers?: readonly string[]
  readonly enableAiaUrlTemplating?: boolean
}
const settings: FieldsOf<IssuerSettings> = {
  issuer_name: f.string('Name of the issuer.'),
  manual_chain: f.strings('Issuers whose certificates are its chain, itself first; without any the chain is worked out.'),
  leaf_not_after_behavior: f.string('What happens to a certificate that would outlive it: `err`, `truncate` or `permit`.'),
  usage: f.strings('What it may be used for: `read-only`, `issuing-certificates`, `crl-signing`, `ocsp-signing`.'),
  revocation_signature_algorithm: f.string('How it signs lists, as Go names algorithms; empty: by its key.'),
  issuing_certificates: f.strings('Where its certificate is, for what it signs.'),
  crl_distribution_points: f.strings('Where its list is.'),
  delta_crl_distribution_points: f.strings('Where the delta of its list is.'),
  ocsp_servers: f.strings('Who answers for it (OCSP).'),
  enable_aia_url_templating: f.bool('Whether these hold `{{issuer_id}}`, `{{cluster_path}}` or `{{cluster_aia_path}}`.'),
}
const shownFields = {
  ...settings,
  issuer_id: f.string('Its identifier.'),
  key_id: f.string('Identifier of its key.'),
  certificate: f.string('Its certificate (PEM).'),
  ca_chain: f.strings('Its certificate, and those above it.'),
  usage: f.string('What it may be used for.'),
  revoked: f.bool('Whether it was revoked.'),
  revocation_time: f.int('When (seconds since 1970).'),
  revocation_time_rfc3339: f.string('The same (RFC 3339).'),
}
const publicFields = {
  certificate: f.string('Its certificate (PEM).'),
  ca_chain: f.strings('Its certificate, and those above it.'),
  issuer_id: f.string('Its identifier.'),
  issuer_name: f.string('Its name.'),
}
const params = { issuer_ref: f.name('The issuer: `default`, an identifier or a name.') }
const access = 'public'
const CRL = 'application/pkix-crl'
const PEM_FILE = 'application/x-pem-file'
const crlRecord = { read: op({ doc: 'Read it.', gives: gives.data({ crl: f.string('The list (PEM).') }) }) }
const crlRaw = (contentType: string) => ({ read: op({ doc: 'Read it.', gives: gives.raw(contentType) }) })
const configFields = {
  default: f.string('The issuer that is used where none is named.'),
  default_follows_latest_issuer: f.bool('Whether the latest issuer becomes the default.'),
}

const routes = {
  list: route('issuers', {
    doc: 'All issuers.',
    access,
    ops: { list: op({ doc: 'List them.', input: paging, gives: gives.keys }) },
  }),
  issuer: route('issuer/{issuer_ref}', {
    doc: 'An issuer.',
    params,
    ops: {
      read: op({ doc: 'Read it.', gives: gives.data(shownFields) }),
      write: op({
        doc: 'Change it; what is not given goes back to what it is for a new one.',
        input: settings,
        gives: gives.data(shownFields),
      }),
      patch: op({ doc: 'Change what is given.', input: settings, gives: gives.data(shownFields) }),
      delete: op({ doc: 'Delete it; its key stays.', gives: [gives.nothing, gives.any('null')] }),
    },
  }),
  json: route('issuer/{issuer_ref}/json', {
    doc: 'Its certificate.',
    access,
    params,
    ops: { read: op({ doc: 'Read it.', gives: gives.data(publicFields) }) },
  }),
  der: route('issuer/{issuer_ref}/der', { doc: 'Its certificate (DER).', access, params, ops: crlRaw('application/pkix-cert') }),
  pem: route('issuer/{issuer_ref}/pem', {
    doc: 'Its certificate (PEM).',
    access,
    params,
    ops: crlRaw('application/pem-certificate-chain'),
  }),
  crl: route('issuer/{issuer_ref}/crl', { doc: 'Its revocation list, in JSON.', access, params, ops: crlRecord }),
  crlDer: route('issuer/{issuer_ref}/crl/der', { doc: 'Its revocation list (DER).', access, params, ops: crlRaw(CRL) }),
  crlPem: route('issuer/{issuer_ref}/crl/pem', { doc: 'Its revocation list (PEM).', access, params, ops: crlRaw(PEM_FILE) }),
  delta: route('issuer/{issuer_ref}/crl/delta', { doc: 'What was revoked since, in JSON.', access, params, ops: crlRecord }),
  deltaDer: route('issuer/{issuer_ref}/crl/delta/der', { doc: 'What was revoked since (DER).', access, params, ops: crlRaw(CRL) }),
  deltaPem: route('issuer/{issuer_ref}/crl/delta/pem', { doc: 'What was revoked since (PEM).', access, params, ops: crlRaw(PEM_FILE) }),
  revoke: route('issuer/{issuer_ref}/revoke', {
    doc: 'Revokes an issuer: it signs no certificates any more, and stands on the lists of those above it.',
    params,
    ops: { write: op({ doc: 'Revoke it.', gives: gives.data(shownFields) }) },
  }),
  config: route('config/issuers', {
    doc: 'Which issuer is the default.',
    ops: {
      read: op({ doc: 'Read it.', gives: gives.data(configFields) }),
      write: op({ doc: 'Change it.', input: configFields, gives: gives.data(configFields) }),
    },
  }),
  replace: route('root/replace', {
    doc: 'Makes another root the default: `next` unless it is named.',
    ops: { write: op({ doc: 'Change it.', input: { default: configFields.default }, gives: gives.data(configFields) }) },
  }),
}

const user = (why: string): Error => faults.refused({ why })
const failure = (why: string): Error => faults.failedAs({ why })

/** @throws the fault for a reference that names nothing; on a public route without the words of a list */
async function issuerOf(store: Store, ref: string, isPublic = false): Promise<Issuer> {
  const found = await findIssuer(store, reference(ref))
  if (!isUnresolved(found)) return found
  throw isPublic ? faults.failed({ why: found.why }) : failure(found.why)
}

type Shown = { readonly is: 'wire'; readonly data: WireObject }
function shown(record: IssuerRecord): Shown {
  const { urls } = record
  return {
    is: 'wire',
    data: {
      issuer_id: record.id,
      issuer_name: record.name,
      key_id: record.keyId,
      certificate: record.certificate,
      manual_chain: record.manualChain.length === 0 ? null : record.manualChain,
      ca_chain: record.caChain,
      leaf_not_after_behavior: record.leafNotAfter,
      usage: usageNames(record.usage).join(','),
      revocation_signature_algorithm: record.revocationAlgorithm,
      revoked: record.revokedAt !== undefined,
      issuing_certificates: urls?.issuingCertificates ?? [],
      crl_distribution_points: urls?.crlDistributionPoints ?? [],
      delta_crl_distribution_points:
        urls === undefined ? [] : urls.deltaCrlDistributionPoints.length === 0 ? null : urls.deltaCrlDistributionPoints,
      ocsp_servers: urls?.ocspServers ?? [],
      ...(urls !== undefined && { enable_aia_url_templating: urls.templated }),
      ...(record.revokedAt !== undefined && {
        revocation_time: Math.floor(record.revokedAt / 1000),
        revocation_time_rfc3339: shownTime(new Date(record.revokedAt)),
      }),
    },
  }
}

const PSS =
  'Issuer uses a PSS Revocation Signature Algorithm. This algorithm will be downgraded to PKCS#1v1.5 signature scheme on OCSP responses, due to limitations in the OCSP library.'

function behaviorOf(text: string): NotAfterBehavior {
  if (text === 'err' || text === 'truncate' || text === 'permit') return text
  throw user('Unknown value for field `leaf_not_after_behavior`. Possible values are `err`, `truncate`, and `permit`.')
}

function usageSum(names: readonly string[]): number {
  let sum = 0
  for (const name of names) {
    const bit = usageOf(name)
    if (bit === undefined)
      throw user(`Unable to parse specified usages: [${names.join(' ')}] - valid values are ${usageNames(7).join(',')}`)
    sum ^= bit
  }
  return sum
}

function checkUsage(record: IssuerRecord, certificate: Certificate, usage: number): void {
  if (usage === record.usage) return
  if (record.revokedAt !== undefined && (usage & USAGE.issuing) !== 0)
    throw user(
      'This issuer was revoked; unable to modify its usage to include certificate signing again. Reissue this certificate (preferably with a new key) and modify that entry instead.',
    )
  if ((certificate.keyUsage & KEY_USAGE.crlSign) === 0 && (usage & USAGE.crlSigning) !== 0)
    throw user(
      "This issuer's underlying certificate lacks the CRLSign KeyUsage value; unable to set CRLSigningUsage on this issuer as a result.",
    )
}

const FAMILIES: Readonly<Record<string, string>> = { rsa: 'RSA', ec: 'ECDSA', ed25519: 'Ed25519', mldsa: 'ML-DSA' }
function algorithmOf(text: string, certificate: Certificate): SignatureName | '' {
  if (text === '') return ''
  const name = revocationAlgorithm(text)
  if (name === undefined)
    throw user(
      `Unknown signature algorithm value: 0 - valid values are ${Object.keys(signatureAlgorithms)
        .map(it => it.toLowerCase())
        .join(', ')}`,
    )
  const family = familyOf(certificate.publicKey)
  if (signatureAlgorithms[name].family !== family)
    throw failure(`unable to use issuer of type ${FAMILIES[family ?? '']} to sign with ${GO_NAMES[name] ?? name} key type`)
  return name
}
/** As Go prints them. */
const GO_NAMES: Readonly<Record<string, string>> = {
  SHA256WithRSA: 'SHA256-RSA',
  SHA384WithRSA: 'SHA384-RSA',
  SHA512WithRSA: 'SHA512-RSA',
  SHA256WithRSAPSS: 'SHA256-RSAPSS',
  SHA384WithRSAPSS: 'SHA384-RSAPSS',
  SHA512WithRSAPSS: 'SHA512-RSAPSS',
  ECDSAWithSHA256: 'ECDSA-SHA256',
  ECDSAWithSHA384: 'ECDSA-SHA384',
  ECDSAWithSHA512: 'ECDSA-SHA512',
}

const LISTS = ['issuingCertificates', 'crlDistributionPoints', 'deltaCrlDistributionPoints', 'ocspServers'] as const
const WIRE = {
  issuingCertificates: 'issuing_certificates',
  crlDistributionPoints: 'crl_distribution_points',
  deltaCrlDistributionPoints: 'delta_crl_distribution_points',
  ocspServers: 'ocsp_servers',
} as const

function checkUrls(given: Readonly<Partial<Record<(typeof LISTS)[number], readonly string[]>>>, templated: boolean): void {
  if (templated) return
  for (const name of LISTS) {
    const bad = badUrl(given[name] ?? [])
    if (bad !== undefined) throw user(`invalid URL found in Authority Information Access (AIA) parameter ${WIRE[name]}: ${bad}`)
  }
}

/** What a write means: all that is not given is as in a new issuer. The URLs of deltas stay, as the peer has it. */
function urlsOfWrite(before: Urls | undefined, given: IssuerSettings): Urls | undefined {
  const templated = given.enableAiaUrlTemplating ?? false
  checkUrls(given, templated)
  const next: Urls = {
    ...(before ?? noUrls),
    issuingCertificates: given.issuingCertificates ?? [],
    crlDistributionPoints: given.crlDistributionPoints ?? [],
    ocspServers: given.ocspServers ?? [],
    templated,
  }
  return isUnset(next) ? undefined : next
}
function urlsOfPatch(before: Urls | undefined, given: IssuerSettings): Urls | undefined {
  const { enableAiaUrlTemplating: wanted } = given
  const templated = wanted !== undefined && wanted !== (before?.templated ?? false) ? true : (before?.templated ?? false)
  checkUrls(given, templated)
  const next: Urls = {
    issuingCertificates: given.issuingCertificates ?? before?.issuingCertificates ?? [],
    crlDistributionPoints: given.crlDistributionPoints ?? before?.crlDistributionPoints ?? [],
    deltaCrlDistributionPoints: given.deltaCrlDistributionPoints ?? before?.deltaCrlDistributionPoints ?? [],
    ocspServers: given.ocspServers ?? before?.ocspServers ?? [],
    templated,
  }
  return isUnset(next) ? undefined : next
}

/** Issuers by their references, the issuer itself first. */
async function chainOf(store: Store, id: string, given: readonly string[]): Promise<readonly string[]> {
  const chain: string[] = []
  for (const [i, ref] of given.entries()) {
    const found = await issuerOf(store, i === 0 && ref === 'self' ? id : ref)
    if (i === 0 && found.record.id !== id)
      throw user(`expected first cert in chain to be a self-reference, but was: ${ref}/${found.record.id}`)
    chain.push(found.record.id)
  }
  return chain
}

export const issuers: Family<PkiMount> = statefulFamily(routes, (mount: PkiMount): HandlersOf<typeof routes> => {
  const { store, crl } = mount
  type About = Pick<Call, 'now' | 'warn'>

  async function save(before: IssuerRecord, next: IssuerRecord, { now, warn }: About): Promise<Shown> {
    const isRenamed = before.name !== next.name
    const changed: IssuerRecord = isRenamed ? { ...next, lastModified: now.getTime() } : next
    const isRechained = before.manualChain.join() !== next.manualChain.join()
    const kept = await store.transact(async tx => {
      if (isRechained) return (await rebuildChains(tx, changed)) ?? changed
      await tx.putIssuer(changed)
      return changed
    })
    if (kept.revocationAlgorithm.endsWith('PSS')) warn(PSS)
    if (isRenamed && before.name !== '') await warnOfRoles(before.name, warn)
    if (kept.urls?.templated) {
      const resolved = resolvedUrls(kept.urls, await store.cluster(), kept.id)
      if ('why' in resolved)
        warn(`issuance may fail: ${resolved.why}\n\nConsider setting the cluster-local address if it is not already set.`)
    }
    return shown(kept)
  }

  async function warnOfRoles(name: string, warn: (text: string) => void): Promise<void> {
    const warning = await rolesReferencing(store, name)
    if (warning !== undefined) warn(warning)
  }

  async function renamed(record: IssuerRecord, given: string | undefined, mayBeEmpty: boolean): Promise<string> {
    const { name, why } = await issuerName(store, given)
    if (why === undefined || (why === ISSUER_NAME_IN_USE && name === record.name) || (mayBeEmpty && why === ISSUER_NAME_EMPTY)) return name
    throw user(why)
  }

  async function setDefault(ref: string, followsLatest: boolean | undefined, { now, warn }: About) {
    if (ref === '' || ref === DEFAULT) throw user("Invalid issuer specification; must be non-empty and can't be 'default'.")
    const issuer = await findIssuer(store, ref)
    if (isUnresolved(issuer)) throw user(`Error resolving issuer reference: ${issuer.why}`)
    if (issuer.record.keyId === '')
      warn(
        'This selected default issuer has no key associated with it. Some operations like issuing certificates and signing CRLs will be unavailable with the requested default issuer until a key is imported or the default issuer is changed.',
      )
    const config = await store.transact(async tx => {
      const before = await tx.issuersConfig()
      const next = { default: issuer.record.id, followsLatest: followsLatest ?? before.followsLatest }
      await tx.putIssuersConfig(next)
      if (before.default !== next.default)
        for (const id of [before.default, next.default]) {
          const it = await tx.issuer(id)
          if (it !== undefined) await tx.putIssuer({ ...it.record, lastModified: now.getTime() })
        }
      return next
    })
    return { is: 'data' as const, data: { default: config.default, defaultFollowsLatestIssuer: config.followsLatest } }
  }

  const list = async (ref: string, isDelta: boolean): Promise<Buffer> => {
    const { record } = await issuerOf(store, ref, true)
    const found = await crl.lists.read(record.id, isDelta)
    if (found === undefined) throw faults.failed({ why: `unable to find CRL for issuer: id:${record.id}/ref:${ref}` })
    return found
  }
  const listRecord = async (ref: string, isDelta: boolean) => ({
    is: 'data' as const,
    data: { crl: `${toPem('X509 CRL', await list(ref, isDelta))}\n` },
  })
  const listDer = async (ref: string, isDelta: boolean) => ({ is: 'raw' as const, body: await list(ref, isDelta) })
  const listPem = async (ref: string, isDelta: boolean) => ({
    is: 'raw' as const,
    body: Buffer.from(`${toPem('X509 CRL', await list(ref, isDelta))}\n`),
  })

  return {
    list: {
      async list({ input }) {
        const ids = await store.issuerIds(page(input))
        const { default: byDefault } = await store.issuersConfig()
        const info: Record<string, unknown> = {}
        for (const id of ids) {
          const record = (await store.issuer(id))?.record
          info[id] = { issuer_name: record?.name, is_default: id === byDefault, serial_number: record?.serialNumber, key_id: record?.keyId }
        }
        return { is: 'keys', keys: ids, info }
      },
    },
    issuer: {
      async read({ params: { issuerRef }, warn }) {
        const { record } = await issuerOf(store, issuerRef)
        if (record.revocationAlgorithm.endsWith('PSS')) warn(PSS)
        return shown(record)
      },
      write: ({ params: { issuerRef }, input, ...about }) =>
        mount.exclusively(async () => {
          const { record, certificate } = await issuerOf(store, issuerRef)
          const name = await renamed(record, input.issuerName, false)
          const usage = usageSum(input.usage ?? usageNames(7))
          const leafNotAfter = behaviorOf(input.leafNotAfterBehavior ?? 'err')
          const algorithm = algorithmOf(input.revocationSignatureAlgorithm ?? '', certificate)
          const { urls: _, ...rest } = record
          const urls = urlsOfWrite(record.urls, input)
          checkUsage(record, certificate, usage)
          const manualChain = await chainOf(store, record.id, input.manualChain ?? [])
          return save(
            record,
            { ...rest, name, usage, leafNotAfter, revocationAlgorithm: algorithm, manualChain, ...(urls && { urls }) },
            about,
          )
        }),
      patch: ({ params: { issuerRef }, input, ...about }) =>
        mount.exclusively(async () => {
          const { record, certificate } = await issuerOf(store, issuerRef)
          const name = input.issuerName === undefined ? record.name : await renamed(record, input.issuerName, true)
          const leafNotAfter = input.leafNotAfterBehavior === undefined ? record.leafNotAfter : behaviorOf(input.leafNotAfterBehavior)
          const usage = input.usage === undefined ? record.usage : usageSum(input.usage)
          checkUsage(record, certificate, usage)
          const { revocationSignatureAlgorithm: wanted } = input
          const algorithm = wanted === undefined ? record.revocationAlgorithm : algorithmOf(wanted, certificate)
          const { urls: _, ...rest } = record
          const urls = urlsOfPatch(record.urls, input)
          const manualChain = input.manualChain === undefined ? record.manualChain : await chainOf(store, record.id, input.manualChain)
          return save(
            record,
            { ...rest, name, usage, leafNotAfter, revocationAlgorithm: algorithm, manualChain, ...(urls && { urls }) },
            about,
          )
        }),
      delete: ({ params: { issuerRef }, warn }) =>
        mount.exclusively(async () => {
          const found = await findIssuer(store, reference(issuerRef))
          if (isUnresolved(found)) return { is: 'any' as const, data: null }
          const { record } = found
          if (record.name !== '') await warnOfRoles(record.name, warn)
          await warnOfRoles(record.id, warn)
          const wasDefault = await store.transact(async tx => {
            const was = await tx.dropIssuer(record.id)
            await rebuildChains(tx)
            return was
          })
          if (wasDefault) {
            warn(
              `Deleted issuer ${record.id} (via issuer_ref ${issuerRef}); this was configured as the default issuer. Operations without an explicit issuer will not work until a new default is configured.`,
            )
            await warnOfRoles(DEFAULT, warn)
          }
          for (const warning of await rebuilt(mount, true)) warn(warning)
          return { is: 'any' as const, data: null }
        }),
    },
    json: {
      async read({ params: { issuerRef } }) {
        const { record } = await issuerOf(store, issuerRef, true)
        return {
          is: 'data',
          data: { certificate: record.certificate, caChain: record.caChain, issuerId: record.id, issuerName: record.name },
        }
      },
    },
    der: {
      read: async ({ params: { issuerRef } }) => ({ is: 'raw', body: derOf((await issuerOf(store, issuerRef, true)).record.certificate) }),
    },
    pem: {
      read: async ({ params: { issuerRef } }) => ({
        is: 'raw',
        body: Buffer.from((await issuerOf(store, issuerRef, true)).record.certificate),
      }),
    },
    crl: { read: ({ params }) => listRecord(params.issuerRef, false) },
    crlDer: { read: ({ params }) => listDer(params.issuerRef, false) },
    crlPem: { read: ({ params }) => listPem(params.issuerRef, false) },
    delta: { read: ({ params }) => listRecord(params.issuerRef, true) },
    deltaDer: { read: ({ params }) => listDer(params.issuerRef, true) },
    deltaPem: { read: ({ params }) => listPem(params.issuerRef, true) },
    revoke: { write: ({ params: { issuerRef }, now, warn }) => mount.exclusively(() => revokeIssuer(mount, issuerRef, now, warn)) },
    config: {
      async read() {
        const config = await store.issuersConfig()
        return { is: 'data', data: { default: config.default, defaultFollowsLatestIssuer: config.followsLatest } }
      },
      write: ({ input, ...about }) => mount.exclusively(() => setDefault(input.default ?? '', input.defaultFollowsLatestIssuer, about)),
    },
    replace: { write: ({ input, ...about }) => mount.exclusively(() => setDefault(input.default ?? 'next', undefined, about)) },
  }
})

async function revokeIssuer(mount: PkiMount, ref: string, now: Date, warn: (text: string) => void): Promise<Shown> {
  const { store } = mount
  const { record, certificate } = await issuerOf(store, ref)
  if (record.revokedAt !== undefined) return shown(record)
  const revoked: IssuerRecord = { ...record, revokedAt: now.getTime(), usage: record.usage & ~USAGE.issuing }
  await store.transact(async tx => {
    await tx.putIssuer(revoked)
    const kept = await tx.certificate(record.serialNumber)
    if (kept !== undefined && certificate.der.equals(kept))
      await tx.revocations.put(dashed(record.serialNumber), {
        certificate: certificate.der.toString('base64'),
        at: now.getTime(),
        issuer: '',
      })
  })
  for (const warning of await rebuiltOrFault(() => mount.crl.rebuild(false))) warn(warning)
  const signers = (await store.issuers()).filter(it => certificate.isSignedBy(it.certificate))
  if (signers.some(it => it.record.id === record.id))
    warn(
      "This issuer is a self-signed (potentially root) certificate. This means it may not be considered revoked if there is not an external, cross-signed variant of this certificate. This issuer's serial number will not appear on its own CRL.",
    )
  if (!signers.some(it => it.record.id !== record.id))
    warn(
      "This issuer lacks another parent issuer within the mount. This means it will not appear on any other CRLs and may not be considered revoked by clients. Consider adding this issuer to its issuer's CRL as well if it is not self-signed.",
    )
  if ((await store.issuersConfig()).default === record.id)
    warn(
      'This issuer is currently configured as the default issuer for this mount; operations such as certificate issuance may not work until a new default issuer is selected.',
    )
  return shown(revoked)
}
