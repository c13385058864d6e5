/**
 * How the connection is protected, by `sslmode` as libpq means it (https://www.postgresql.org/docs/current/libpq-ssl.html): CA,
 * client certificate and key come as PEM in the details `tls_ca`, `tls_certificate` and `private_key`, or as files named in the URL.
 */
import { readFile } from 'node:fs/promises'
import type { ConnectionOptions } from 'node:tls'
import { type ConnectionDetails, decodeDetails } from '../../plugin/index.ts'
import type { Target } from './connection-string.ts'

export interface Protection {
  /** Absent: in clear. */
  readonly tls?: ConnectionOptions
  /** What is tried when the server refuses the first: `prefer` falls back to clear, `allow` to TLS. */
  readonly otherwise?: { readonly tls?: ConnectionOptions }
}

/**
 * For each of its hosts.
 * @throws Error in the peer's words
 */
export async function protectionsOf(target: Target, details: ConnectionDetails): Promise<readonly Protection[]> {
  const material = await readMaterial(target, details)
  return target.hosts.map(({ host }) => protectionOf(host, target.parameters.get('sslmode') ?? 'prefer', material))
}

function protectionOf(host: string, mode: string, material: ConnectionOptions): Protection {
  const { ca } = material
  const encrypted: ConnectionOptions = { ...material, rejectUnauthorized: false, ...serverName(host) }
  const byAuthority: ConnectionOptions = { ...encrypted, rejectUnauthorized: true, checkServerIdentity: () => undefined }
  switch (mode) {
    case 'disable':
      return {}
    case 'allow':
      return { otherwise: { tls: encrypted } }
    case 'prefer':
      return { tls: encrypted, otherwise: {} }
    case 'require':
      // As libpq has it: with a CA at hand, it is used.
      return { tls: ca === undefined ? encrypted : byAuthority }
    case 'verify-ca':
      return { tls: byAuthority }
    case 'verify-full':
      return { tls: { ...encrypted, rejectUnauthorized: true } }
    default:
      throw new Error('cannot parse connection url: sslmode is invalid')
  }
}

/** A name is sent to the server; an address has none to send. */
const serverName = (host: string): ConnectionOptions => (/^[\d.]+$|:|^\//.test(host) ? {} : { servername: host })

async function readMaterial(target: Target, details: ConnectionDetails): Promise<ConnectionOptions> {
  const given = decodeDetails(details, { tls_ca: 'string', tls_certificate: 'string', private_key: 'string' })
  const { parameters } = target
  const ca = given.tls_ca || (await fileOf(parameters.get('sslrootcert'), 'sslrootcert'))
  const cert = given.tls_certificate || (await fileOf(parameters.get('sslcert'), 'sslcert'))
  const key = given.private_key || (await fileOf(parameters.get('sslkey'), 'sslkey'))
  if ((cert === undefined) !== (key === undefined))
    throw new Error('cannot parse connection url: both "sslcert" and "sslkey" are required, or tls_certificate and private_key')
  const passphrase = parameters.get('sslpassword')
  return {
    ...(ca !== undefined && { ca }),
    ...(cert !== undefined && { cert }),
    ...(key !== undefined && { key }),
    ...(passphrase !== undefined && { passphrase }),
  }
}

async function fileOf(path: string | undefined, word: string): Promise<string | undefined> {
  if (path === undefined || path === '' || (word === 'sslrootcert' && path === 'system')) return undefined
  try {
    return await readFile(path, 'utf8')
  } catch (cause) {
    throw new Error(`cannot parse connection url: unable to read the file of ${word}`, { cause })
  }
}
