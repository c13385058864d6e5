/** What was issued, and the CA's own certificate and lists, for whoever asks: clients that check a certificate have no token. */
import { f } from '../../../schema/index.ts'
import type { WireObject } from '../../../schema/index.ts'
import { gives, op, paging, route, statefulFamily, type Family, type HandlersOf } from '../../framework/index.ts'
import { faults, isFault } from '../../logical/index.ts'
import { Certificate, DerError, familyOf, keyBits, OID, showName, toPem, valueOf } from '../../x509/index.ts'
import type { PkiMount } from './mount.ts'
import { DEFAULT, findIssuer, isUnresolved } from './references.ts'
import { isUnusable, signerOf } from './signer.ts'
import { coloned, dashed, page, USAGE } from './store.ts'
import { shownTime } from './time.ts'

const CERT = 'application/pkix-cert'
const PEM_CHAIN = 'application/pem-certificate-chain'
const CRL = 'application/pkix-crl'
const PEM_FILE = 'application/x-pem-file'

const shown = {
  certificate: f.string('The certificate, or the list (PEM).'),
  revocation_time: f.int('When it was revoked (seconds since 1970); 0: it was not.'),
  revocation_time_rfc3339: f.string('The same (RFC 3339).'),
  issuer_id: f.string('Whose list it stands on.'),
  ca_chain: f.string('The chain of the CA.'),
}
/** The digits and separators that a serial number has; anything else is another path. */
const serial = f.string('Serial number, in pairs of digits with `:` or `-` between them.')
const access = 'public'
const raw = (doc: string, contentType: string) => ({ read: op({ doc, gives: gives.raw(contentType) }) })
const record = (doc: string) => ({ read: op({ doc, gives: gives.data(shown) }) })

const routes = {
  ca: route('ca', { doc: "The CA's certificate (DER).", access, ops: raw('Read it.', CERT) }),
  caPem: route('ca/pem', { doc: "The CA's certificate (PEM).", access, ops: raw('Read it.', PEM_CHAIN) }),
  chain: route('ca_chain', { doc: "The CA's certificate and those above it (PEM).", access, ops: raw('Read them.', CERT) }),
  certChain: route('cert/ca_chain', { doc: 'The same, in JSON.', access, ops: record('Read them.') }),
  crl: route('crl', { doc: 'The revocation list of the default issuer (DER).', access, ops: raw('Read it.', CRL) }),
  crlPem: route('crl/pem', { doc: 'The revocation list of the default issuer (PEM).', access, ops: raw('Read it.', PEM_FILE) }),
  delta: route('crl/delta', { doc: 'What was revoked since (DER).', access, ops: raw('Read it.', CRL) }),
  deltaPem: route('crl/delta/pem', { doc: 'What was revoked since (PEM).', access, ops: raw('Read it.', PEM_FILE) }),
  certCrl: route('cert/crl', { doc: 'The revocation list of the default issuer, in JSON.', access, ops: record('Read it.') }),
  certDelta: route('cert/delta-crl', { doc: 'What was revoked since, in JSON.', access, ops: record('Read it.') }),
  cert: route('cert/{serial}', { doc: 'A certificate that was issued here.', access, params: { serial }, ops: record('Read it.') }),
  certRaw: route('cert/{serial}/raw', { doc: 'The same (DER).', access, params: { serial }, ops: raw('Read it.', CERT) }),
  certRawPem: route('cert/{serial}/raw/pem', { doc: 'The same (PEM).', access, params: { serial }, ops: raw('Read it.', PEM_CHAIN) }),
  certs: route('certs', {
    doc: 'Serial numbers of all certificates that are kept.',
    ops: { list: op({ doc: 'List them.', input: paging, gives: gives.keys }) },
  }),
  detailed: route('certs/detailed', {
    doc: 'All certificates that are kept, with their names and times.',
    ops: { list: op({ doc: 'List them.', input: paging, gives: gives.keys }) },
  }),
  revoked: route('certs/revoked', {
    doc: 'Serial numbers of all that is revoked.',
    ops: { list: op({ doc: 'List them.', input: paging, gives: gives.keys }) },
  }),
}

type Raw = { readonly is: 'raw'; readonly body: Uint8Array; readonly status: number }
const bytes = (body: Uint8Array | string | undefined): Raw => {
  const found = typeof body === 'string' ? Buffer.from(body) : (body ?? new Uint8Array())
  return { is: 'raw', body: found, status: found.length === 0 ? 204 : 200 }
}

export const certificates: Family<PkiMount> = statefulFamily(routes, (mount: PkiMount): HandlersOf<typeof routes> => {
  const { store, crl } = mount

  /** The default issuer, for reading; a text: why there is none, and whether the request is to blame. */
  const ca = async (): Promise<
    { readonly chain: readonly string[]; readonly certificate: Certificate } | { readonly why: string; readonly isRequest: boolean }
  > => signerOf(store, DEFAULT, USAGE.readOnly)

  async function list(isDelta: boolean): Promise<{ readonly list: Buffer } | { readonly why: string }> {
    const issuer = await findIssuer(store, DEFAULT)
    if (isUnresolved(issuer)) return issuer
    const found = await crl.lists.read(issuer.record.id, isDelta)
    return found === undefined ? { why: `unable to find CRL for issuer: id:${issuer.record.id}/ref:${DEFAULT}` } : { list: found }
  }
  const rawList = async (isDelta: boolean): Promise<Raw> => {
    const found = await list(isDelta)
    return bytes('why' in found ? undefined : found.list)
  }
  const pemList = async (isDelta: boolean): Promise<Raw> => {
    const found = await list(isDelta)
    return bytes('why' in found ? undefined : toPem('X509 CRL', found.list))
  }
  async function listRecord(isDelta: boolean): Promise<{ readonly is: 'wire'; readonly data: WireObject }> {
    const found = await list(isDelta)
    if ('why' in found) throw faults.failed({ why: found.why })
    return wire({ certificate: toPem('X509 CRL', found.list) })
  }

  async function caRecord(isChain: boolean): Promise<{ readonly is: 'wire'; readonly data: WireObject }> {
    const found = await ca()
    if (isUnusable(found)) throw found.isRequest ? faults.refused({ why: found.why }) : faults.failed({ why: found.why })
    return isChain ? wire({ certificate: chainText(found.chain), ca_chain: chainText(found.chain) }) : wire({ certificate: found.chain[0] })
  }
  const rawCa = async (
    form: (found: { readonly chain: readonly string[]; readonly certificate: Certificate }) => Uint8Array | string,
  ): Promise<Raw> => {
    const found = await ca()
    return bytes(isUnusable(found) ? undefined : form(found))
  }

  const stored = async (given: string): Promise<Uint8Array | undefined> => {
    if (!/^[\dA-Fa-f:-]+$/.test(given)) throw faults.unsupportedPath()
    return store.certificate(given)
  }

  return {
    ca: { read: () => rawCa(it => it.certificate.der) },
    caPem: { read: () => rawCa(it => toPem('CERTIFICATE', it.certificate.der)) },
    chain: { read: () => rawCa(it => chainText(it.chain)) },
    certChain: { read: () => caRecord(true) },
    crl: { read: () => rawList(false) },
    crlPem: { read: () => pemList(false) },
    delta: { read: () => rawList(true) },
    deltaPem: { read: () => pemList(true) },
    certCrl: { read: () => listRecord(false) },
    certDelta: { read: () => listRecord(true) },
    cert: {
      async read({ params }) {
        if (params.serial === 'ca') return caRecord(false)
        const der = await stored(params.serial)
        if (der === undefined) throw faults.notFound()
        const revocation = await store.revocations.get(dashed(params.serial))
        return wire({
          certificate: toPem('CERTIFICATE', der),
          revocation_time: Math.floor((revocation?.at ?? 0) / 1000),
          revocation_time_rfc3339: revocation === undefined ? '' : shownTime(new Date(revocation.at)),
          ...(revocation !== undefined && revocation.issuer !== '' && { issuer_id: revocation.issuer }),
        })
      },
    },
    certRaw: {
      async read({ params: { serial: given } }) {
        if (given === 'ca') return rawCa(it => it.certificate.der)
        if (given === 'crl' || given === 'delta-crl') return { ...(await rawList(given === 'delta-crl')), contentType: CRL }
        return bytes(await stored(given))
      },
    },
    certRawPem: {
      async read({ params: { serial: given } }) {
        if (given === 'ca') return rawCa(it => toPem('CERTIFICATE', it.certificate.der))
        if (given === 'crl' || given === 'delta-crl') return { ...(await pemList(given === 'delta-crl')), contentType: PEM_FILE }
        const der = await stored(given)
        return bytes(der && toPem('CERTIFICATE', der))
      },
    },
    certs: { list: async ({ input }) => ({ is: 'keys', keys: (await store.view.list('cert/', page(input))).map(coloned) }) },
    detailed: {
      async list({ input }) {
        const names = await store.view.list('cert/', page(input))
        const info: Record<string, unknown> = {}
        for (const name of names) info[coloned(name)] = details(coloned(name), await store.certificate(name))
        return { is: 'keys', keys: names.map(coloned), info }
      },
    },
    revoked: { list: async ({ input }) => ({ is: 'keys', keys: (await store.view.list('revoked/', page(input))).map(coloned) }) },
  }
})

const chainText = (chain: readonly string[]): string => chain.join('\n')
const wire = (data: WireObject): { readonly is: 'wire'; readonly data: WireObject } => ({
  is: 'wire',
  data: { revocation_time: 0, revocation_time_rfc3339: '', ...data },
})

/** @throws the fault for one that cannot be read */
function details(name: string, der: Uint8Array | undefined): WireObject {
  if (der === undefined) throw faults.refused({ why: `failed to retrieve entry for ${dashed(name)}` })
  try {
    const certificate = new Certificate(der)
    const { dns } = certificate.names
    return {
      common_name: valueOf(certificate.subject, OID.commonName),
      issuer: showName(certificate.issuer),
      ...keyDetails(certificate),
      not_after: shownTime(certificate.notAfter),
      not_before: shownTime(certificate.notBefore),
      dns_names: dns.length === 0 ? null : dns.slice(0, 5),
    }
  } catch (cause) {
    if (isFault(cause) || !(cause instanceof DerError)) throw cause
    throw faults.refused({ why: `failed to parse certificate for ${name}: x509: ${cause.message}` }, { cause })
  }
}

function keyDetails(certificate: Certificate): { readonly key_type: string; readonly key_bits: number } {
  const family = familyOf(certificate.publicKey)
  if (family === undefined) return { key_type: 'unknown', key_bits: 0 }
  return { key_type: family, key_bits: family === 'ed25519' ? 256 : keyBits(certificate.publicKey) }
}
