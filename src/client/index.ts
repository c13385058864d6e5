/** A small client of the Vault API: envelopes, errors, retries, namespaces, TLS. No generated surface. Knows kernel only. */
export { type Answer, type Client, type ClientRequest, type Envelope, type Method, type Reader, type Writer } from './client.ts'
