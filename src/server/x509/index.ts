/**
 * X.509 certificates (RFC 5280), by @peculiar/x509 over node:crypto. The library wants a global reflection polyfill and takes a
 * sixth of a second to load, so this folder is its only importer, and loads it at the first certificate.
 */
export { developmentCertificates, type DevelopmentCertificates } from './development.ts'
