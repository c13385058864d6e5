/**
 * A small client of the Vault API: envelopes, errors, retries, redirects, namespaces, TLS. No generated surface. Knows kernel
 * only, and nothing of files but certificates; must never log, print, or put a token or a body into an error.
 */
export {
  type Answer,
  type Client,
  type ClientOptions,
  type ClientRequest,
  type Envelope,
  type Method,
  type Reader,
  type TlsOptions,
  type Writer,
} from './client.ts'
export { createClient } from './create-client.ts'
export { ApiError, ClientMisconfigured, ClientUnreachable } from './errors.ts'
export { errorsOf, readerOf, writerOf } from './reader.ts'
export { escapePath, queryString } from './url.ts'
