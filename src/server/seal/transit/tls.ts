import { readFile } from 'node:fs/promises'
import { SealError } from '../index.ts'
import { readSwitch } from './switch.ts'

/** What to trust, and what to show, when the other server is reached over TLS. */
export interface TlsTrust {
  /** Undefined: what Node trusts. */
  readonly ca?: string
  readonly cert?: string
  readonly key?: string
  readonly servername?: string
  readonly rejectUnauthorized: boolean
}

/** @throws SealError */
export async function readTls(options: Readonly<Record<string, string>>): Promise<TlsTrust> {
  const { tls_ca_cert: ca, tls_client_cert: cert, tls_client_key: key, tls_server_name: servername } = options
  if ((cert === undefined) !== (key === undefined)) throw new SealError('both client cert and client key must be provided')
  return {
    ...(ca !== undefined && { ca: await text('CA File', ca) }),
    ...(cert !== undefined && { cert: await text('client cert', cert) }),
    ...(key !== undefined && { key: await text('client key', key) }),
    ...(servername !== undefined && { servername }),
    rejectUnauthorized: !readSwitch(options, 'tls_skip_verify'),
  }
}

async function text(what: string, path: string): Promise<string> {
  try {
    return await readFile(path, 'utf8')
  } catch (cause) {
    const { code } = cause as NodeJS.ErrnoException
    const why = code === 'ENOENT' ? 'no such file or directory' : code === 'EACCES' ? 'permission denied' : (code ?? 'it cannot be read')
    throw new SealError(`Error loading ${what}: open ${path}: ${why}`, { cause })
  }
}
