/**
 * X.509: certificates, requests, revocation lists and OCSP (RFC 5280, 2986, 6960), read and made. The encoding is ours, byte for byte
 * what clients of the API expect (docs/adr/0030-der.md); keys and signatures are node:crypto's. Certificates for development are made by
 * @peculiar/x509, which this folder alone imports, and loads at the first of them. Must not know who asks, nor what is allowed.
 */
export { developmentCertificates, type DevelopmentCertificates } from './development.ts'
export { isOid } from './der.ts'
export { DerError } from './der-reader.ts'
export { Certificate, type CertificateBody, hex, keyIdentifier, makeCertificate } from './certificate.ts'
export {
  addressBytes,
  type AlternativeNames,
  authorityInfoAccess,
  authorityKeyIdentifier,
  basicConstraints,
  certificatePolicies,
  crlDistributionPoints,
  deltaCrlIndicator,
  EXTENDED_KEY_USAGE,
  extendedKeyUsage,
  type Extension,
  freshestCrl,
  hasNames,
  KEY_USAGE,
  keyUsage,
  NO_NAMES,
  type OtherName,
  permittedDnsDomains,
  type PolicyInformation,
  subjectAltName,
  subjectKeyIdentifier,
} from './extensions.ts'
export { generateKey, keyPem, pkcs8, readPrivateKey, spkiOf, traditional } from './keys.ts'
export { type Attribute, encodeName, type Name, showName, type Subject, valueOf, valuesOf } from './name.ts'
export { isAbout, makeOcspResponse, type OcspRequest, ocspRefusals, type OcspStatus, readOcspRequest } from './ocsp.ts'
export { OID } from './oids.ts'
export { type PemBlock, readAllPem, readPem, toPem } from './pem.ts'
export { CertificateRequest, makeRequest } from './request.ts'
export { makeRevocationList, RevocationList, RevokedEntries, type RevokedEntry } from './revocation-list.ts'
export {
  familyOf,
  keyBits,
  type KeyFamily,
  type SignatureAlgorithm,
  signatureAlgorithms,
  type SignatureName,
  usualAlgorithm,
} from './signatures.ts'
