/**
 * One-time passwords that follow the clock (RFC 6238): their codes, and the forms in which authenticator apps take a key over. Knows
 * nobody; the engine of that name and the second factors of logins are made with it. The only importer of the QR code library.
 */
export { BarcodeTooSmall, barcode } from './barcode.ts'
export { fromBase32, toBase32 } from './base32.ts'
export { ALGORITHMS, type Algorithm, codeOf, type Key, stepAt, take, type Taken } from './code.ts'
export { keyUri, readKeyUri, type UriWords } from './key-uri.ts'
