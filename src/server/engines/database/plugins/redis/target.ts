/** Where the server is, by single details or by a URL: `redis://user:password@host:port`, `rediss://…` with TLS. */
import { X509Certificate } from 'node:crypto'
import { type ConnectionDetails, decodeDetails } from '../../plugin/index.ts'

export interface Target {
  readonly host: string
  readonly port: number
  readonly username: string
  readonly password: string
  /** Absent: in clear. */
  readonly tls?: { readonly ca: string; readonly skipVerify: boolean }
}

const SHAPE = {
  connection_url: 'string',
  host: 'string',
  port: 'int',
  username: 'string',
  password: 'string',
  tls: 'bool',
  insecure_tls: 'bool',
  ca_cert: 'string',
} as const

/** @throws Error in the peer's words */
export function targetOf(details: ConnectionDetails): Target {
  const given = decodeDetails(details, SHAPE)
  const { connection_url: url, host, port, username, password, ca_cert: ca, insecure_tls: skipVerify } = given
  if (url !== '') {
    if (host !== '' || port !== 0 || username !== '' || password !== '')
      throw new Error('cannot specify both connection_url and individual connection parameters')
    return byUrl(url, ca, skipVerify)
  }
  if (host === '') throw new Error('host cannot be empty')
  if (port === 0) throw new Error('port cannot be empty')
  if (username === '') throw new Error('username cannot be empty')
  if (password === '') throw new Error('password cannot be empty')
  if (port < 0 || port > 65_535) throw new Error(`error verifying connection: dial tcp: address ${port}: invalid port`)
  if (!given.tls) return { host, port, username, password }
  if (ca === '') throw new Error('ca_cert cannot be empty')
  return { host, port, username, password, tls: { ca: checked(ca), skipVerify } }
}

/** @throws Error that never holds the URL, nor a part of it */
function byUrl(text: string, ca: string, skipVerify: boolean): Target {
  const url = URL.canParse(text) ? new URL(text) : undefined
  const scheme = url?.protocol.replace(':', '') ?? ''
  if (url === undefined || !['redis', 'rediss', 'valkey', 'valkeys'].includes(scheme) || url.hostname === '')
    throw new Error('connection_url must look like redis://user:password@host:port, or rediss:// with TLS')
  return {
    host: url.hostname.replace(/^\[|\]$/g, ''),
    port: url.port === '' ? 6379 : Number(url.port),
    username: decodeURIComponent(url.username),
    password: decodeURIComponent(url.password),
    ...(scheme.endsWith('s') && scheme !== 'redis' && { tls: { ca: ca === '' ? '' : checked(ca), skipVerify } }),
  }
}

function checked(ca: string): string {
  try {
    return new X509Certificate(ca).toString()
  } catch {
    throw new Error('error verifying connection: failed to parse root certificate')
  }
}
