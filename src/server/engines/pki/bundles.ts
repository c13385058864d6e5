/** Certificates and keys from elsewhere, in bundles; and the end of all of them. */
import { f } from '../../../schema/index.ts'
import { type Call, gives, op, route, statefulFamily, type Family, type HandlersOf } from '../../framework/index.ts'
import { faults, isFault } from '../../logical/index.ts'
import { DerError, readAllPem, readPrivateKey, toPem } from '../../x509/index.ts'
import { NO_URLS } from './ca-wishes.ts'
import { rebuilt } from './crl-warnings.ts'
import { importIssuer, importKey, Refused, setDefaultIssuer } from './imports.ts'
import { keyTypeOf } from './key-types.ts'
import type { PkiMount } from './mount.ts'
import type { Store } from './store.ts'
import { isUnset } from './urls.ts'

const pem_bundle = f.string('Certificates, and keys where they are allowed (PEM).', { secret: true })
const certificate = f.string('The certificate, and those above it (PEM).')
const imported = gives.any('Which issuers and keys came, which were here, and which key belongs to which issuer.')

const routes = {
  bundle: route('issuers/import/bundle', {
    doc: 'Issuers and keys from elsewhere.',
    ops: { write: op({ doc: 'Import them.', input: { pem_bundle }, gives: imported }) },
  }),
  cert: route('issuers/import/cert', {
    doc: 'Issuers from elsewhere, without keys.',
    ops: { write: op({ doc: 'Import them.', input: { pem_bundle }, gives: imported }) },
  }),
  ca: route('config/ca', {
    doc: 'Issuers and keys from elsewhere.',
    ops: { write: op({ doc: 'Import them.', input: { pem_bundle }, gives: imported }) },
  }),
  setSigned: route('intermediate/set-signed', {
    doc: 'The certificate of an intermediate whose request was made here.',
    ops: { write: op({ doc: 'Import it.', input: { certificate }, gives: imported }) },
  }),
  root: route('root', {
    doc: 'All issuers and keys.',
    access: 'sudo',
    ops: { delete: op({ doc: 'Delete all of them.', gives: gives.any('null') }) },
  }),
}

const user = (why: string): Error => faults.refused({ why })

interface Came {
  readonly mapping: Record<string, string>
  readonly keys: { readonly made: string[]; readonly known: string[] }
  readonly issuers: { readonly made: string[]; readonly known: string[] }
}

export const bundles: Family<PkiMount> = statefulFamily(routes, (mount: PkiMount): HandlersOf<typeof routes> => {
  const { store } = mount
  type About = Pick<Call, 'now' | 'warn'>

  const importAll = (text: string, allowsKeys: boolean, { now, warn }: About) =>
    mount.exclusively(async () => {
      if (text === '') throw user("'pem_bundle' and 'certificate' parameters were empty")
      if (text.length < 75)
        throw user('provided data for import was too short; perhaps a path was passed to the API rather than the contents of a PEM file')
      const found = readAllPem(text)
      if ('badBlock' in found) throw user(`error when parsing block ${found.badBlock}: invalid PEM data`)
      const certificates = found.blocks.filter(it => ['CERTIFICATE', 'X509 CERTIFICATE'].includes(it.label))
      const skipped = new Set(['CERTIFICATE', 'X509 CERTIFICATE', 'CRL', 'X509 CRL', 'EC PARAMS', 'EC PARAMETERS'])
      const keys = found.blocks.filter(it => !skipped.has(it.label))
      if (keys.length > 0 && !allowsKeys)
        throw user('private keys found in the PEM bundle but not allowed by the path; use /issuers/import/bundle')
      const came = await store.transact(async tx => {
        const all: Came = { mapping: {}, keys: { made: [], known: [] }, issuers: { made: [], known: [] } }
        for (const [i, { label, bytes }] of keys.entries()) {
          const key = readPrivateKey(bytes)
          if (key === undefined || keyTypeOf(key) === undefined)
            throw user(`Error parsing key ${i}: failed to parse PEM block: it holds no private key of a form that is known`)
          const { record, existed } = await importKey(tx, key, toPem(label, bytes), '', mount.host.random)
          all.keys[existed ? 'known' : 'made'].push(record.id)
        }
        for (const [i, { label, bytes }] of certificates.entries()) {
          const { record, existed } = await importIssuer(tx, bytes, '', mount.host.random, now).catch((cause: unknown) =>
            refuseIssuer(cause, i, toPem(label, bytes)),
          )
          all.mapping[record.id] = record.keyId
          all.issuers[existed ? 'known' : 'made'].push(record.id)
        }
        return all
      })
      await chooseDefault(store, came, { now, warn })
      if (isUnset(await store.urls())) warn(NO_URLS)
      if (came.issuers.made.length > 0) for (const warning of await rebuilt(mount, true)) warn(warning)
      const orNull = (ids: readonly string[]): readonly string[] | null => (ids.length === 0 ? null : ids)
      return {
        is: 'any' as const,
        data: {
          mapping: came.mapping,
          imported_keys: orNull(came.keys.made),
          imported_issuers: orNull(came.issuers.made),
          existing_keys: orNull(came.keys.known),
          existing_issuers: orNull(came.issuers.known),
        },
      }
    })

  return {
    bundle: { write: ({ input, ...about }) => importAll(input.pemBundle ?? '', true, about) },
    cert: { write: ({ input, ...about }) => importAll(input.pemBundle ?? '', false, about) },
    ca: { write: ({ input, ...about }) => importAll(input.pemBundle ?? '', true, about) },
    setSigned: { write: ({ input, ...about }) => importAll(input.certificate ?? '', false, about) },
    root: {
      delete: ({ warn }) =>
        mount.exclusively(async () => {
          await store.transact(async tx => {
            for (const id of await tx.issuerIds()) await tx.dropIssuer(id)
            for (const id of await tx.keyIds()) await tx.dropKey(id)
          })
          warn(
            'DELETE /root deletes all keys and issuers; prefer the new DELETE /key/:key_ref and DELETE /issuer/:issuer_ref for finer granularity, unless removal of all keys and issuers is desired.',
          )
          return { is: 'any' as const, data: null }
        }),
    },
  }
})

function refuseIssuer(cause: unknown, index: number, pem: string): never {
  if (isFault(cause)) throw cause
  if (cause instanceof Refused) throw user(`Error parsing issuer ${index}: ${cause.message}\n${pem}\n`)
  if (cause instanceof DerError) throw user(`Error parsing issuer ${index}: x509: ${cause.message}\n${pem}\n`)
  throw cause
}

async function chooseDefault(
  store: Store,
  { mapping, issuers }: Came,
  { now, warn }: { readonly now: Date; readonly warn: (text: string) => void },
): Promise<void> {
  const withKeys = issuers.made.filter(id => mapping[id] !== '')
  const before = await store.issuersConfig()
  if (issuers.made.length > 0 && before.followsLatest) {
    const [only, ...more] = withKeys
    if (only !== undefined && more.length === 0) await store.transact(tx => setDefaultIssuer(tx, only, now.getTime()))
    else if (more.length > 0)
      warn(
        'Default issuer left unchanged: could not select new issuer automatically as multiple imported issuers had key material in Vault.',
      )
  }
  const { default: byDefault } = await store.issuersConfig()
  if (byDefault === '') return
  if (mapping[byDefault] === '')
    warn(
      'The default issuer has no key associated with it. Some operations like issuing certificates and signing CRLs will be unavailable with the requested default issuer until a key is imported or the default issuer is changed.',
    )
  if (withKeys.length > 1 && issuers.made.includes(byDefault))
    warn(
      'The imported bundle contained multiple certs matching keys, the default issuer that was selected should be verified and manually changed if incorrect.',
    )
}
