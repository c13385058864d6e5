import { readFile } from 'node:fs/promises'
import { createSecureContext, type SecureContextOptions, type TlsOptions } from 'node:tls'

export type TlsVersion = 'TLSv1.2' | 'TLSv1.3'

/** How a listener shows who it is. Files are read at the start and at each reload. */
export interface ListenerTls {
  readonly certFile: string
  readonly keyFile: string
  readonly minVersion?: TlsVersion
  readonly maxVersion?: TlsVersion
  /** In OpenSSL's notation; of TLS 1.2 only, since 1.3 has no bad ones. */
  readonly cipherSuites?: readonly string[]
  readonly clientCaFile?: string
  readonly requireAndVerifyClientCert?: boolean
  /** Do not even ask a client for a certificate. */
  readonly disableClientCerts?: boolean
}

export class TlsFilesRefused extends Error {}

const SAFE_SUITES = [
  'ECDHE-ECDSA-AES128-GCM-SHA256',
  'ECDHE-RSA-AES128-GCM-SHA256',
  'ECDHE-ECDSA-AES256-GCM-SHA384',
  'ECDHE-RSA-AES256-GCM-SHA384',
  'ECDHE-ECDSA-CHACHA20-POLY1305',
  'ECDHE-RSA-CHACHA20-POLY1305',
]
const SUITES_OF_1_3 = ['TLS_AES_128_GCM_SHA256', 'TLS_AES_256_GCM_SHA384', 'TLS_CHACHA20_POLY1305_SHA256']

async function content(what: string, path: string): Promise<Buffer> {
  try {
    return await readFile(path)
  } catch (cause) {
    throw new TlsFilesRefused(`cannot read ${what} ${path}: ${reason(cause)}`, { cause })
  }
}

const reason = (thrown: unknown): string => (thrown instanceof Error ? thrown.message : String(thrown))

/**
 * Reads the files, and tries them, so that a key that does not belong to its certificate is an error here and not in each handshake.
 * @throws TlsFilesRefused
 */
export async function tlsOptions(tls: ListenerTls): Promise<TlsOptions> {
  const [cert, key, ca] = await Promise.all([
    content('tls_cert_file', tls.certFile),
    content('tls_key_file', tls.keyFile),
    tls.clientCaFile === undefined ? undefined : content('tls_client_ca_file', tls.clientCaFile),
  ])
  const context: SecureContextOptions = {
    cert,
    key,
    ...(ca !== undefined && { ca }),
    minVersion: tls.minVersion ?? 'TLSv1.2',
    ...(tls.maxVersion !== undefined && { maxVersion: tls.maxVersion }),
    ciphers: [...SUITES_OF_1_3, ...(tls.cipherSuites ?? SAFE_SUITES)].join(':'),
  }
  try {
    createSecureContext(context)
  } catch (cause) {
    throw new TlsFilesRefused(`cannot use tls_cert_file ${tls.certFile} with tls_key_file ${tls.keyFile}: ${reason(cause)}`, { cause })
  }
  return {
    ...context,
    ALPNProtocols: ['http/1.1'],
    requestCert: tls.disableClientCerts !== true,
    rejectUnauthorized: tls.requireAndVerifyClientCert === true,
    handshakeTimeout: 10_000,
  }
}
