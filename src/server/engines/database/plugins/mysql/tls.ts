/** How the connection is protected: by the details `tls_*`, else by the word `tls` of the data source. */
import { createPrivateKey, X509Certificate } from 'node:crypto'
import { isIP } from 'node:net'
import { rootCertificates } from 'node:tls'
import type { SslOptions } from 'mysql2/promise'
import { type ConnectionDetails, decodeDetails } from '../../plugin/index.ts'
import type { DataSource } from './data-source.ts'

export interface Protection {
  /** Absent: in clear. */
  readonly tls?: SslOptions
  /** The name that the server's certificate must be for; absent: its host. */
  readonly serverName?: string
  /** A server without TLS is talked to in clear. */
  readonly orClear?: true
}

/** @throws Error in the peer's words */
export function protectionOf(source: DataSource, details: ConnectionDetails): Protection {
  const given = decodeDetails(details, {
    tls_ca: 'string',
    tls_certificate_key: 'string',
    tls_server_name: 'string',
    tls_skip_verify: 'bool',
  })
  const { tls_ca: ca, tls_certificate_key: pair, tls_server_name: serverName, tls_skip_verify: skip } = given
  if (ca === '' && pair === '') return byWord(source.tls)
  if (ca !== '' && certificatesIn(ca).length === 0) throw new Error('failed to append CA to client options')
  if (pair !== '') checkPair(pair)
  return {
    tls: {
      ...verified(skip),
      // No CA is nobody to trust, and not the list of Node.
      ca: certificatesIn(ca),
      ...(pair !== '' && { cert: pair, key: pair }),
    },
    ...(serverName !== '' && { serverName }),
  }
}

function byWord(word: string): Protection {
  switch (word.toLowerCase()) {
    case '':
    case 'false':
    case '0':
      return {}
    case 'true':
    case '1':
      return { tls: { ...verified(false), ca: [...rootCertificates] } }
    case 'skip-verify':
      return { tls: verified(true) }
    case 'preferred':
      return { tls: verified(true), orClear: true }
    default:
      throw new Error('error verifying - connection: unable to parse connectionURL: invalid value / unknown config name: ' + word)
  }
}

const verified = (skip: boolean): SslOptions => ({ minVersion: 'TLSv1.2', rejectUnauthorized: !skip, verifyIdentity: !skip })

const CERTIFICATES = /-----BEGIN CERTIFICATE-----[^-]+-----END CERTIFICATE-----/g

function certificatesIn(pem: string): string[] {
  return (pem.match(CERTIFICATES) ?? []).filter(text => {
    try {
      return new X509Certificate(text).subject !== undefined
    } catch {
      return false
    }
  })
}

/** Certificate and key in one text. The message never holds anything of it. */
function checkPair(pair: string): void {
  const [certificate] = certificatesIn(pair)
  if (certificate === undefined)
    throw new Error('unable to load tls_certificate_key_data: tls: failed to find any PEM data in certificate input')
  let fits: boolean
  try {
    fits = new X509Certificate(certificate).checkPrivateKey(createPrivateKey(pair))
  } catch {
    throw new Error('unable to load tls_certificate_key_data: tls: failed to find PEM block with type ending in "PRIVATE KEY" in key input')
  }
  if (!fits) throw new Error('unable to load tls_certificate_key_data: tls: private key does not match public key')
}

/** Addresses stand in certificates too, but the driver looks for names only. */
export const isAddress = (host: string): boolean => isIP(host) !== 0
