/** Roots, and requests for the certificates of intermediates. */
import type { KeyObject } from 'node:crypto'
import { f } from '../../../schema/index.ts'
import { type Call, gives, op, route, statefulFamily, type Family, type HandlersOf } from '../../framework/index.ts'
import { faults } from '../../logical/index.ts'
import {
  basicConstraints,
  type Certificate,
  encodeName,
  type Extension,
  generateKey,
  hasNames,
  makeRequest,
  type SignatureName,
  spkiOf,
  subjectAltName,
  toPem,
} from '../../x509/index.ts'
import {
  caFields,
  caRole,
  type CaFieldWishes,
  issuerFields,
  type IssuerWishes,
  keyFields,
  type KeyWishes,
  NO_SUBJECT,
  NO_URLS,
} from './ca-wishes.ts'
import { rebuilt } from './crl-warnings.ts'
import { base64, certificatePem, type Format, formatOf, shownKey, traditionalPem } from './formats.ts'
import { importIssuer, importKey, issuerName, keyName, Refused, setDefaultIssuer } from './imports.ts'
import { checkKeyType, keyBits, keyTypeOf, signingAlgorithm } from './key-types.ts'
import { selfSigned } from './making.ts'
import type { PkiMount } from './mount.ts'
import { namesFor, type Names } from './names.ts'
import { findIssuer, findKey, isUnresolved, reference } from './references.ts'
import type { Role } from './role.ts'
import { noUrls, type Urls } from './settings.ts'
import type { IssuerRecord, KeyType, Store } from './store.ts'
import { isUnset, resolvedUrls } from './urls.ts'
import { checkOrder, validityOf } from './validity.ts'

const exported = f.name('`internal`, `exported` for a key that is shown once, `existing` for one that is here, or `kms`.')
const root = {
  certificate: f.string('The certificate.'),
  issuing_ca: f.string('The same.'),
  serial_number: f.string('Its serial number.'),
  expiration: f.int('When it ends (seconds since 1970).'),
  issuer_id: f.string('Identifier of the issuer.'),
  issuer_name: f.string('Name of the issuer.'),
  key_id: f.string('Identifier of its key.'),
  key_name: f.string('Name of its key.'),
  private_key: f.string('The private key, if it is exported.', { secret: true }),
  private_key_type: f.string('Type of the key.'),
}
const request = {
  csr: f.string('The request for signing.'),
  key_id: f.string('Identifier of the key.'),
  private_key: f.string('The private key, if it is exported.', { secret: true }),
  private_key_type: f.string('Type of the key.'),
}
const rootOp = op({ doc: 'Make it.', input: { ...caFields, ...keyFields, ...issuerFields }, gives: gives.data(root) })
const requestInput = {
  ...caFields,
  ...keyFields,
  add_basic_constraints: f.bool('Whether the request says that it is for a CA; some CAs want that.'),
}
const requestOp = op({ doc: 'Make it.', input: requestInput, gives: gives.data(request) })

const routes = {
  root: route('root/generate/{exported}', { doc: 'A root: a CA that signs itself.', params: { exported }, ops: { write: rootOp } }),
  issuersRoot: route('issuers/generate/root/{exported}', {
    doc: 'A root: a CA that signs itself.',
    params: { exported },
    ops: { write: rootOp },
  }),
  rotate: route('root/rotate/{exported}', {
    doc: 'A further root, named `next` unless it is named.',
    params: { exported },
    ops: { write: rootOp },
  }),
  intermediate: route('intermediate/generate/{exported}', {
    doc: 'A request for the certificate of an intermediate CA.',
    params: { exported },
    ops: { write: requestOp },
  }),
  issuersIntermediate: route('issuers/generate/intermediate/{exported}', {
    doc: 'A request for the certificate of an intermediate CA.',
    params: { exported },
    ops: { write: requestOp },
  }),
  crossSign: route('intermediate/cross-sign', {
    doc: 'A request for another certificate of a key that is here.',
    ops: { write: requestOp },
  }),
}

type Wishes = CaFieldWishes & KeyWishes
type About = Pick<Call, 'now' | 'warn'>

const KINDS = ['exported', 'internal', 'existing', 'kms']
const user = (why: string): Error => faults.refused({ why })

interface Parameters {
  readonly kind: string
  readonly format: Format
  readonly role: Role
  readonly existing?: KeyObject
}

/** @throws a fault for what cannot be made */
async function parametersOf(store: Store, kind: string, wishes: Wishes): Promise<Parameters> {
  if (!KINDS.includes(kind)) throw user('the "exported" path parameter must be "internal", "existing", exported" or "kms"')
  const external = wishes.externalKeyRef ?? ''
  if (kind === 'kms' && external === '') throw user('must specify "external_key_ref" on "kms"-typed generation requests')
  if (kind !== 'kms' && external !== '') throw user(`cannot specify "external_key_ref" on "${kind}"-typed generation requests`)
  const format = formatOf(wishes.format ?? 'pem')
  const base: Role = { ...caRole(wishes), signatureBits: wishes.signatureBits ?? 0 }
  if (kind === 'internal' || kind === 'exported') {
    const keyType = wishes.keyType ?? 'rsa'
    if (keyType === 'any') throw user('unknown key type: any')
    const checked = checkKeyType(keyType, wishes.keyBits ?? 0)
    if ('why' in checked) throw user(checked.why)
    checkHash(keyType, base.signatureBits)
    return { kind, format, role: { ...base, keyType, keyBits: checked.bits } }
  }
  if (wishes.keyType !== undefined || wishes.keyBits !== undefined)
    throw user('invalid parameter for the kms/existing path parameter, key_type nor key_bits arguments can be set in this mode')
  // Keys in another system's keeping: there is no such system here to reach.
  if (kind === 'kms') throw faults.failedAs({ why: 'failed to get external key: no external keys are configured for this mount' })
  const ref = reference(wishes.keyRef ?? 'default')
  if (ref === '') throw user('failed to lookup public key from existing key: missing argument key_ref for existing type')
  const key = await findKey(store, ref)
  if (isUnresolved(key)) throw user(`failed to lookup public key from existing key: ${key.why}`)
  const keyType = keyTypeOf(key.key) as KeyType
  checkHash(keyType, base.signatureBits)
  return { kind, format, role: { ...base, keyType, keyBits: keyBits(key.key) }, existing: key.key }
}

function checkHash(keyType: string, bits: number): void {
  if (keyType === 'rsa' && ![0, 256, 384, 512].includes(bits)) throw user(`unsupported hash signature algorithm: ${bits}`)
}

const keyFor = async ({ existing, role }: Parameters): Promise<KeyObject> => existing ?? generateKey(role.keyType as KeyType, role.keyBits)

/** URLs of a root come from the mount, and cannot name an issuer that does not exist yet. */
async function rootUrls(store: Store, warn: (text: string) => void): Promise<Urls> {
  const [urls, cluster] = [await store.urls(), await store.cluster()]
  const resolved = resolvedUrls(urls, cluster, '')
  if (!('why' in resolved)) return resolved
  const named = resolvedUrls(urls, cluster, 'empty-issuer-id')
  if ('why' in named)
    throw faults.failedAs({
      why: `unable to parse AIA URL information: ${resolved.why}\nUsing templated AIA URL's {{issuer_id}} field when generating root certificates is not supported.`,
    })
  warn(
    'When generating root CA, found global AIA configuration with issuer_id template unsuitable for root generation. This AIA configuration has been ignored. To include AIA on this root CA, set the global AIA configuration to not include issuer_id and instead to refer to a static issuer name.',
  )
  return noUrls
}

export const generate: Family<PkiMount> = statefulFamily(routes, (mount: PkiMount): HandlersOf<typeof routes> => {
  const { store, host } = mount

  function makeRoot(kind: string, input: Wishes & IssuerWishes, { now, warn }: About, isRotation: boolean) {
    return mount.exclusively(async () => {
      const parameters = await parametersOf(store, kind, input)
      const named = await issuerName(store, input.issuerName)
      if (named.why !== undefined) throw user(named.why)
      const isNext = isRotation && named.name === '' && isUnresolved(await findIssuer(store, 'next'))
      const namedKey = await keyName(store, input.keyName)
      if (namedKey.why !== undefined) throw user(namedKey.why)
      const role: Role = { ...parameters.role, usePss: input.usePss ?? false }
      const names = namesFor(role, { ...input, commonName: input.commonName ?? '' }, undefined, text => text)
      const validity = validityOf(role, input, undefined, host.leaseDefaults(), now)
      for (const warning of validity.warnings) warn(warning)
      const urls = await rootUrls(store, warn)
      const key = await keyFor(parameters)
      checkOrder(validity)
      const { maxPathLength } = input
      const ca = {
        permittedDnsDomains: input.permittedDnsDomains ?? [],
        keyUsage: input.keyUsage ?? [],
        // As the peer has it: identifiers are read as names, and win.
        extKeyUsage: input.extKeyUsageOids ?? input.extKeyUsage ?? [],
        ...(maxPathLength !== undefined && maxPathLength >= 0 && { maxPathLength }),
      }
      const certificate = await selfSigned(key, { role, names, validity, urls, ca }, host.random)
      if (certificate.subject.raw.length <= 2) warn(NO_SUBJECT)
      if (isUnset(urls)) warn(NO_URLS)
      const kept = await keepRoot(key, certificate, isNext ? 'next' : named.name, namedKey.name, now)
      for (const warning of await rebuilt(mount, true)) warn(warning)
      if (ca.maxPathLength === 0)
        warn('Max path length of the generated certificate is zero. This certificate cannot be used to issue intermediate CA certificates.')
      const shown = parameters.kind === 'exported' ? shownKey(key, parameters.format, input.privateKeyFormat === 'pkcs8') : undefined
      return {
        is: 'data' as const,
        data: { ...rootForms(certificate, parameters.format, shown && traditionalPem(key)), ...kept, ...shown },
      }
    })
  }

  /** All at once: a key without its certificate would be of no use to anybody. */
  function keepRoot(key: KeyObject, certificate: Certificate, name: string, nameOfKey: string, now: Date) {
    return store.transact(async tx => {
      const { record: keyRecord } = await importKey(tx, key, traditionalPem(key), nameOfKey, host.random)
      const { record } = await importIssuer(tx, certificate.der, name, host.random, now)
      const algorithm = (certificate.algorithm?.name ?? '') as SignatureName
      await tx.putIssuer({ ...((await tx.issuer(record.id))?.record as IssuerRecord), revocationAlgorithm: algorithm })
      await tx.putCertificate(certificate.serialNumber, certificate.der)
      if ((await tx.issuersConfig()).followsLatest) await setDefaultIssuer(tx, record.id, now.getTime())
      return { issuerId: record.id, issuerName: record.name, keyId: keyRecord.id, keyName: keyRecord.name }
    })
  }

  function makeRequestFor(kind: string, input: Wishes & { readonly addBasicConstraints?: boolean }, { now, warn }: About) {
    return mount
      .exclusively(async () => {
        const parameters = await parametersOf(store, kind, input)
        const { role, format } = parameters
        const namedKey = await keyName(store, input.keyName)
        if (namedKey.why !== undefined) throw user(namedKey.why)
        const names = namesFor(role, input, undefined, text => text)
        const { warnings } = validityOf(role, input, undefined, host.leaseDefaults(), now)
        const key = await keyFor(parameters)
        const der = await makeRequest(
          {
            subject: encodeName(names.subject),
            spki: spkiOf(key),
            extensions: requestedExtensions(names, input.addBasicConstraints ?? false),
            algorithm: signingAlgorithm(key, role.signatureBits, false),
          },
          key,
        )
        const urls = await store.urls()
        if (isUnset(urls))
          warn(
            `${NO_URLS} Since this certificate is an intermediate, it might be useful to regenerate this certificate after fixing this problem for the root mount.`,
          )
        const { record } = await store.transact(tx => importKey(tx, key, traditionalPem(key), namedKey.name, host.random))
        for (const warning of warnings) warn(warning)
        const shown = parameters.kind === 'exported' ? shownKey(key, format, input.privateKeyFormat === 'pkcs8') : undefined
        const pem = toPem('CERTIFICATE REQUEST', der)
        const csr = format === 'der' ? base64(der) : format === 'pem_bundle' && shown ? `${traditionalPem(key)}\n${pem}` : pem
        return { is: 'data' as const, data: { csr, keyId: record.id, ...shown } }
      })
      .catch(asRefusal)
  }

  return {
    root: { write: ({ params, input, ...about }) => makeRoot(params.exported, input, about, false).catch(asRefusal) },
    issuersRoot: { write: ({ params, input, ...about }) => makeRoot(params.exported, input, about, false).catch(asRefusal) },
    rotate: { write: ({ params, input, ...about }) => makeRoot(params.exported, input, about, true).catch(asRefusal) },
    intermediate: { write: ({ params, input, ...about }) => makeRequestFor(params.exported, input, about) },
    issuersIntermediate: { write: ({ params, input, ...about }) => makeRequestFor(params.exported, input, about) },
    crossSign: { write: ({ input, ...about }) => makeRequestFor('existing', input, about) },
  }
})

/** What the store of keys and issuers refuses is a failure here, as it is the peer's. */
function asRefusal(thrown: unknown): never {
  if (thrown instanceof Refused) throw faults.failedAs({ why: thrown.message }, { cause: thrown })
  throw thrown
}

function rootForms(
  certificate: Certificate,
  format: Format,
  key: string | undefined,
): { certificate: string; issuingCa: string; serialNumber: string; expiration: number } {
  const pem = certificatePem(certificate)
  const form = format === 'der' ? base64(certificate.der) : format === 'pem_bundle' && key !== undefined ? `${key}\n${pem}` : pem
  return {
    certificate: form,
    issuingCa: format === 'der' ? form : pem,
    serialNumber: certificate.serialNumber,
    expiration: Math.floor(certificate.notAfter.getTime() / 1000),
  }
}

function requestedExtensions({ names }: Names, isCa: boolean): readonly Extension[] {
  return [...(hasNames(names) ? [subjectAltName(names, false)] : []), ...(isCa ? [basicConstraints({ isCa: true })] : [])]
}
