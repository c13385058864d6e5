/** Certificates for other CAs. */
import { f } from '../../../schema/index.ts'
import { type Call, gives, op, route, statefulFamily, type Family, type HandlersOf } from '../../framework/index.ts'
import { faults } from '../../logical/index.ts'
import {
  authorityInfoAccess,
  authorityKeyIdentifier,
  Certificate,
  crlDistributionPoints,
  DerError,
  type Extension,
  familyOf,
  makeCertificate,
  OID,
  readPem,
  toPem,
  usualAlgorithm,
} from '../../x509/index.ts'
import { caFields, caRole, type CaFieldWishes, issuerFields, type IssuerWishes, NO_SUBJECT, NO_URLS } from './ca-wishes.ts'
import { readRequest, requestKey } from './csr.ts'
import { base64, certificatePem, type Format, formatOf } from './formats.ts'
import { signedBy } from './making.ts'
import type { PkiMount } from './mount.ts'
import { namesFor } from './names.ts'
import { reference } from './references.ts'
import type { Role } from './role.ts'
import { derOf, issuingSigner, type Signer } from './signer.ts'
import { isUnset } from './urls.ts'
import { forRequest, validityOf } from './validity.ts'

const intermediateInput = {
  ...caFields,
  ...issuerFields,
  csr: f.string('The request for signing (PEM).'),
  use_csr_values: f.bool('Whether subject, names and extensions are taken from the request as they are.'),
  signature_bits: f.int('Bits of the hash that is signed.'),
  skid: f.string("The subject's key identifier, in hexadecimal, where it is not to be worked out from the key."),
  issuer_ref: f.string('Taken from the path; for `root/` the default.'),
}
const intermediate = {
  certificate: f.string('The certificate.'),
  issuing_ca: f.string('The certificate of its issuer.'),
  ca_chain: f.strings('The certificate, and those above it.'),
  serial_number: f.string('Its serial number.'),
  expiration: f.int('When it ends (seconds since 1970).'),
}
const selfIssuedInput = {
  certificate: f.string('The self-issued CA certificate (PEM).'),
  require_matching_certificate_algorithms: f.bool("Whether its key must be of the same type as the issuer's."),
  issuer_ref: f.string('Taken from the path; for `root/` the default.'),
}
const selfIssued = { certificate: f.string('The certificate.'), issuing_ca: f.string('The certificate of its issuer.') }
const params = { issuer_ref: f.name('The issuer: `default`, an identifier or a name.') }
const signOp = op({ doc: 'Sign it.', input: intermediateInput, gives: gives.data(intermediate) })
const selfOp = op({ doc: 'Sign it.', input: selfIssuedInput, gives: gives.data(selfIssued) })

const { issuer_ref: _, ...ofIssuer } = intermediateInput
const { issuer_ref: _own, ...selfOfIssuer } = selfIssuedInput
const routes = {
  intermediate: route('root/sign-intermediate', { doc: 'A certificate for an intermediate CA.', ops: { write: signOp } }),
  issuerIntermediate: route('issuer/{issuer_ref}/sign-intermediate', {
    doc: 'A certificate for an intermediate CA, from this issuer.',
    params,
    ops: { write: op({ doc: 'Sign it.', input: ofIssuer, gives: gives.data(intermediate) }) },
  }),
  self: route('root/sign-self-issued', {
    doc: 'A self-issued CA certificate, signed by the default issuer too. All that it says is taken as it is.',
    access: 'sudo',
    ops: { write: selfOp },
  }),
  issuerSelf: route('issuer/{issuer_ref}/sign-self-issued', {
    doc: 'A self-issued CA certificate, signed by this issuer too. All that it says is taken as it is.',
    params,
    ops: { write: op({ doc: 'Sign it.', input: selfOfIssuer, gives: gives.data(selfIssued) }) },
  }),
}

const user = (why: string): Error => faults.refused({ why })

interface Wishes extends CaFieldWishes, IssuerWishes {
  readonly csr?: string
  readonly useCsrValues?: boolean
  readonly signatureBits?: number
  readonly skid?: string
}

export const signCa: Family<PkiMount> = statefulFamily(routes, (mount: PkiMount): HandlersOf<typeof routes> => {
  const { store, host } = mount
  type About = Pick<Call, 'now' | 'warn'>

  async function sign(ref: string, input: Wishes, { now, warn }: About) {
    const format = formatOf(input.format ?? 'pem', 'The "format" path parameter must be "pem" or "der"')
    const base: Role = {
      ...caRole(input),
      keyType: 'any',
      signatureBits: input.signatureBits ?? 0,
      usePss: input.usePss ?? false,
      notAfter: input.notAfter ?? '',
      useCsrCommonName: !input.commonName,
      useCsrSans: false,
    }
    // Where the path between leaf and root ends is for the client to see: it may trust the intermediate itself.
    const signer: Signer = { ...(await issuingSigner(store, ref)), leafNotAfter: 'permit' }
    const request = readRequest(input.csr ?? '')
    const role = requestKey(request, base)
    const names = namesFor(role, input, request, text => text)
    const { notAfter: _ignored, ...rest } = input
    const validity = forRequest(validityOf(role, rest, signer, host.leaseDefaults(), now), role, now)
    const subjectKeyId = keyIdOf(input.skid)
    if (!request.isAuthentic) throw user('request signature invalid')
    const ca = {
      permittedDnsDomains: input.permittedDnsDomains ?? [],
      keyUsage: input.keyUsage ?? [],
      extKeyUsage: input.extKeyUsageOids ?? input.extKeyUsage ?? [],
      ...pathLength(signer, input.maxPathLength),
    }
    const recipe = { role, names, validity, urls: signer.urls, ca, csr: request, verbatim: input.useCsrValues ?? false }
    const certificate = await signedBy(signer, { ...recipe, ...(subjectKeyId && { subjectKeyId }) }, request.spki, host.random)
    await store.putCertificate(certificate.serialNumber, certificate.der)
    if (signer.certificate.notAfter < certificate.notAfter)
      warn(
        "The expiration time for the signed certificate is after the CA's expiration time. If the new certificate is not treated as a root, validation paths with the certificate past the issuing CA's expiration time will fail.",
      )
    if (certificate.subject.raw.length <= 2) warn(NO_SUBJECT)
    if (isUnset(signer.urls)) warn(NO_URLS)
    if (ca.maxPathLength === 0)
      warn('Max path length of the signed certificate is zero. This certificate cannot be used to issue intermediate CA certificates.')
    for (const warning of validity.warnings) warn(warning)
    return { is: 'data' as const, data: shown(certificate, signer, format) }
  }

  async function signSelfIssued(
    ref: string,
    input: { readonly certificate?: string; readonly requireMatchingCertificateAlgorithms?: boolean },
  ) {
    const given = caCertificate(input.certificate ?? '')
    const signer = await issuingSigner(store, ref)
    const [own, theirs] = [familyOf(signer.key), familyOf(given.publicKey)]
    if (own !== theirs && input.requireMatchingCertificateAlgorithms)
      throw faults.failedAs({
        why: `signing certificate's public key algorithm (${SHOWN[own ?? '']}) does not match submitted certificate's (${SHOWN[theirs ?? '']}), and require_matching_certificate_algorithms is true`,
      })
    const algorithm = own === theirs && given.algorithm !== undefined && !given.algorithm.old ? given.algorithm : usualAlgorithm(signer.key)
    const der = await makeCertificate(
      {
        serial: given.serial,
        algorithm,
        issuer: signer.certificate.subject.raw,
        subject: given.subject.raw,
        notBefore: given.notBefore,
        notAfter: given.notAfter,
        spki: given.spki,
        extensions: withSigner(given, signer),
      },
      signer.key,
    )
    return { is: 'data' as const, data: { certificate: toPem('CERTIFICATE', der), issuingCa: certificatePem(signer.certificate) } }
  }

  return {
    intermediate: { write: ({ input, ...about }) => sign(reference(input.issuerRef ?? 'default'), input, about) },
    issuerIntermediate: { write: ({ params: it, input, ...about }) => sign(reference(it.issuerRef), input, about) },
    self: { write: ({ input }) => signSelfIssued(reference(input.issuerRef ?? 'default'), input) },
    issuerSelf: { write: ({ params: it, input }) => signSelfIssued(reference(it.issuerRef), input) },
  }
})

const SHOWN: Readonly<Record<string, string>> = { rsa: 'RSA', ec: 'ECDSA', ed25519: 'Ed25519', mldsa: 'ML-DSA' }

function keyIdOf(text: string | undefined): Buffer | undefined {
  const digits = (text ?? '').replaceAll(/[: -]/g, '')
  if (digits === '') return undefined
  const bad = /[^\da-fA-F]/.exec(digits)?.[0]
  if (bad !== undefined) throw user(`cannot parse requested SKID value as hex: encoding/hex: invalid byte: U+${codePoint(bad)} '${bad}'`)
  if (digits.length % 2 === 1) throw user('cannot parse requested SKID value as hex: encoding/hex: odd length hex string')
  return Buffer.from(digits, 'hex')
}
const codePoint = (text: string): string => (text.codePointAt(0) ?? 0).toString(16).toUpperCase().padStart(4, '0')

/** One less than the issuer's, where it has one. @throws the fault for an issuer below which there can be none */
function pathLength({ certificate }: Signer, wished: number | undefined): { readonly maxPathLength?: number } {
  const own = certificate.basicConstraints?.maxPathLength
  if (own === 0) throw user('signing certificate has a max path length of zero, and cannot issue further CA certificates')
  const length = wished ?? (own === undefined ? -1 : own - 1)
  return length < 0 ? {} : { maxPathLength: length }
}

function shown(certificate: Certificate, signer: Signer, format: Format) {
  const pem = certificatePem(certificate)
  const isDer = format === 'der'
  const chain = [pem, ...signer.chain]
  return {
    certificate: isDer ? base64(certificate.der) : format === 'pem_bundle' ? chain.join('\n') : pem,
    issuingCa: isDer ? base64(signer.certificate.der) : certificatePem(signer.certificate),
    caChain: isDer ? chain.map(it => base64(derOf(it))) : chain,
    serialNumber: certificate.serialNumber,
    expiration: Math.floor(certificate.notAfter.getTime() / 1000),
  }
}

/** @throws the fault for what is no self-issued CA certificate */
function caCertificate(pem: string): Certificate {
  const block = readPem(pem)?.block
  if (block === undefined || block.bytes.length === 0) throw user('certificate could not be PEM-decoded')
  let certificate: Certificate
  try {
    certificate = new Certificate(block.bytes)
    void certificate.publicKey
  } catch (cause) {
    if (!(cause instanceof DerError)) throw cause
    throw user(`error parsing certificate: x509: ${cause.message}`)
  }
  if (!certificate.isCa) throw user('given certificate is not a CA certificate')
  if (!certificate.issuer.raw.equals(certificate.subject.raw)) throw user('given certificate is not self-issued')
  return certificate
}

/** Its own extensions, with the issuer's key and URLs in place of its own. */
function withSigner(given: Certificate, signer: Signer): readonly Extension[] {
  const { urls } = signer
  const authority = signer.certificate.subjectKeyId
  const own = [
    ...(authority === undefined ? [] : [authorityKeyIdentifier(authority)]),
    ...(urls.ocspServers.length + urls.issuingCertificates.length === 0
      ? []
      : [authorityInfoAccess(urls.ocspServers, urls.issuingCertificates)]),
    ...(urls.crlDistributionPoints.length === 0 ? [] : [crlDistributionPoints(urls.crlDistributionPoints)]),
  ]
  const replaced: readonly string[] = [OID.authorityKeyIdentifier, OID.authorityInfoAccess, OID.crlDistributionPoints]
  return [...given.extensions.filter(it => !replaced.includes(it.id)), ...own]
}
