/** Whether a certificate is revoked, for whoever asks (RFC 6960). */
import { f } from '../../../schema/index.ts'
import { parseDuration } from '../../../kernel/index.ts'
import { gives, op, route, statefulFamily, type Family, type HandlersOf } from '../../framework/index.ts'
import {
  DerError,
  hex,
  isAbout,
  makeOcspResponse,
  type OcspRequest,
  ocspRefusals,
  type OcspStatus,
  readOcspRequest,
  type SignatureAlgorithm,
  signatureAlgorithms,
  type SignatureName,
  usualAlgorithm,
} from '../../x509/index.ts'
import type { PkiMount } from './mount.ts'
import { isUnusable, signerFor } from './signer.ts'
import { type Issuer, USAGE } from './store.ts'

const TYPE = 'application/ocsp-response'
const routes = {
  get: route('ocsp/{req...}', {
    doc: 'The status of a certificate.',
    access: 'public',
    params: { req: f.string('The request (DER, in base 64).') },
    ops: { read: op({ doc: 'Ask.', gives: gives.raw(TYPE) }) },
  }),
  post: route('ocsp', {
    doc: 'The status of a certificate; the request (DER) is the body.',
    access: 'public',
    ops: { write: op({ doc: 'Ask.', gives: gives.raw(TYPE) }) },
  }),
}

/** An ordinary request has less than a hundred bytes. */
const LONGEST = 2048
type Raw = { readonly is: 'raw'; readonly body: Uint8Array; readonly status: number }
const refusal = (body: Buffer, status: number): Raw => ({ is: 'raw', body, status })
const malformed = (): Raw => refusal(ocspRefusals.malformed, 400)
const unauthorized = (): Raw => refusal(ocspRefusals.unauthorized, 401)

export const ocsp: Family<PkiMount> = statefulFamily(routes, (mount: PkiMount): HandlersOf<typeof routes> => {
  const { store } = mount

  async function answer(bytes: Uint8Array | undefined, now: Date): Promise<Raw> {
    if ((await store.crlConfig()).ocspDisable) return unauthorized()
    if (bytes === undefined || bytes.length === 0 || bytes.length >= LONGEST) return malformed()
    let request: OcspRequest
    try {
      request = readOcspRequest(bytes)
    } catch (cause) {
      if (cause instanceof DerError) return malformed()
      throw cause
    }
    const revocation = await store.revocations.get(hex(request.serial, '-'))
    const status: OcspStatus = revocation === undefined ? { is: 'good' } : { is: 'revoked', at: new Date(revocation.at) }
    const all = await store.issuers()
    const owner = revocation !== undefined && revocation.issuer !== '' ? all.filter(it => it.record.id === revocation.issuer) : all
    const about = owner.filter(it => it.record.keyId !== '' && isAbout(request, it.certificate))
    const able = about.find(it => (it.record.usage & USAGE.ocspSigning) !== 0)
    if (able !== undefined) return signed(able, request, status, now)
    if (about.length > 0) return unauthorized()
    // Nobody's here: only the default issuer can say so.
    const { default: byDefault } = await store.issuersConfig()
    const issuer = all.find(it => it.record.id === byDefault)
    if (issuer === undefined || issuer.record.keyId === '' || (issuer.record.usage & USAGE.ocspSigning) === 0) return unauthorized()
    return signed(issuer, request, { is: 'unknown' }, now)
  }

  async function signed(issuer: Issuer, request: OcspRequest, status: OcspStatus, now: Date): Promise<Raw> {
    const signer = await signerFor(store, issuer, USAGE.ocspSigning)
    if (isUnusable(signer)) return refusal(ocspRefusals.internal, 500)
    const life = parseDuration((await store.crlConfig()).ocspExpiry) ?? 0
    const algorithm = algorithmOf(issuer.record.revocationAlgorithm, usualAlgorithm(signer.key))
    const body = await makeOcspResponse(
      {
        request,
        status,
        issuer: issuer.certificate,
        algorithm,
        thisUpdate: now,
        ...(life > 0 && { nextUpdate: new Date(now.getTime() + life * 1000) }),
      },
      signer.key,
    )
    return { is: 'raw', body, status: 200 }
  }

  return {
    get: {
      async read({ params: { req }, now }) {
        const isBase64 = req.length < LONGEST && req.length % 4 === 0 && /^[A-Za-z0-9+/]+={0,2}$/.test(req)
        return answer(isBase64 ? Buffer.from(req, 'base64') : undefined, now)
      },
    },
    post: { write: ({ bytes, now }) => answer(bytes, now) },
  }
})

/** Answers are never signed with PSS: few clients would read them. */
function algorithmOf(name: SignatureName | '', usual: SignatureAlgorithm): SignatureAlgorithm {
  return name === '' ? usual : signatureAlgorithms[name.replace(/PSS$/, '') as SignatureName]
}
