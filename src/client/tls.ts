import { readdirSync, readFileSync } from 'node:fs'
import { createRequire } from 'node:module'
import { join } from 'node:path'
import type { SecureContextOptions } from 'node:tls'
import type { TlsOptions } from './client.ts'
import { ClientMisconfigured } from './errors.ts'

const require = createRequire(import.meta.url)

function fileOf(what: string, path: string): string {
  try {
    return readFileSync(path, 'utf8')
  } catch (cause) {
    throw new ClientMisconfigured(`cannot read the ${what} ${path}`, { cause })
  }
}

function folderOf(path: string): readonly string[] {
  let names: readonly string[]
  try {
    names = readdirSync(path, { withFileTypes: true, recursive: true })
      .filter(it => it.isFile() || it.isSymbolicLink())
      .map(it => join(it.parentPath, it.name))
  } catch (cause) {
    throw new ClientMisconfigured(`cannot read the folder of CA certificates ${path}`, { cause })
  }
  return names.map(name => fileOf('CA certificate', name))
}

/**
 * Whom to trust. What is named replaces the machine's own store; without it that store counts (which Node.js would not look
 * at by itself), and Node's built-in list only where the machine has none.
 */
function trusted(tls: TlsOptions): string | readonly string[] | undefined {
  if (tls.caCert !== undefined) return fileOf('CA certificate', tls.caCert)
  if (tls.caCertPem !== undefined) return tls.caCertPem
  if (tls.caPath !== undefined) return folderOf(tls.caPath)
  const { getCACertificates } = require('node:tls') as typeof import('node:tls')
  const system = getCACertificates('system')
  return system.length === 0 ? undefined : [...system, ...getCACertificates('extra')]
}

export type TlsContext = SecureContextOptions & { readonly servername?: string; readonly rejectUnauthorized?: boolean }

/** @throws ClientMisconfigured */
export function tlsContext(tls: TlsOptions): TlsContext {
  const cert = tls.clientCert === undefined ? tls.clientCertPem : fileOf('client certificate', tls.clientCert)
  const key = tls.clientKey === undefined ? tls.clientKeyPem : fileOf('client key', tls.clientKey)
  if ((cert === undefined) !== (key === undefined))
    throw new ClientMisconfigured('a client certificate and its key go together: one of them is missing')
  const ca = trusted(tls)
  return {
    minVersion: 'TLSv1.2',
    ...(ca === undefined ? {} : { ca: ca as string | string[] }),
    ...(cert === undefined || key === undefined ? {} : { cert, key }),
    ...(tls.serverName === undefined ? {} : { servername: tls.serverName }),
    ...(tls.skipVerify === true ? { rejectUnauthorized: false } : {}),
  }
}
