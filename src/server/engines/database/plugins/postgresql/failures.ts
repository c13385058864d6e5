/** What went wrong, in the words that the peer's driver has for it: clients and people know them. */
import type { Target } from './connection-string.ts'

interface Reported {
  readonly severity: string
  readonly code: string
  readonly message: string
}

/** What the server itself reported: it has seen the statement, refused it, and rolled it back. */
export const isReported = (cause: unknown): cause is Error & Reported =>
  cause instanceof Error && 'severity' in cause && 'code' in cause && typeof cause.severity === 'string'

/** The server refused a statement and rolled back; not that it, or the connection, ended on the way (classes 08 and 57P). */
export const isRolledBack = (cause: unknown): boolean => isReported(cause) && !/^(?:08|57P)/.test(cause.code)

/** SQLSTATE of what the server reported, '' for anything else. */
export const sqlState = (cause: unknown): string => (isReported(cause) ? cause.code : '')

export function describe(cause: unknown): string {
  if (isReported(cause)) return `${cause.severity}: ${cause.message} (SQLSTATE ${cause.code})`
  return cause instanceof Error ? cause.message : String(cause)
}

/** SQLSTATE class 28: the name or the password is wrong. */
const isRefusal = (cause: Reported): boolean => cause.code.startsWith('28')

const DIALLING: Readonly<Record<string, string>> = {
  ECONNREFUSED: 'connect: connection refused',
  ECONNRESET: 'read: connection reset by peer',
  ETIMEDOUT: 'i/o timeout',
  EHOSTUNREACH: 'connect: no route to host',
  ENETUNREACH: 'connect: network is unreachable',
  ENOENT: 'connect: no such file or directory',
  EACCES: 'connect: permission denied',
}

/** Why there is no connection. `tries`: what each attempt said, in order. */
export function notConnected({ host, port, user, database }: Target, tries: readonly unknown[]): Error {
  const address = host.includes(':') ? `[${host}]:${port}` : `${host}:${port}`
  const head = `failed to connect to \`user=${user} database=${database}\`:`
  const unresolved = tries.find(it => codeOf(it) === 'ENOTFOUND' || codeOf(it) === 'EAI_AGAIN')
  if (unresolved !== undefined) return new Error(`${head} hostname resolving error: lookup ${host}: no such host`, { cause: unresolved })
  const lines = tries.map(it => `${address} (${host}): ${reason(it, address)}`)
  return new Error(lines.length === 1 ? `${head} ${lines.join('')}` : `${head}${lines.map(it => `\n\t${it}`).join('')}`, {
    cause: tries.at(-1),
  })
}

function reason(cause: unknown, address: string): string {
  if (isReported(cause)) return `${isRefusal(cause) ? 'failed SASL auth' : 'server error'}: ${describe(cause)}`
  const dialling = DIALLING[codeOf(cause)]
  if (dialling !== undefined) return `dial error: dial tcp ${address}: ${dialling}`
  const text = describe(cause)
  return text === 'The server does not support SSL connections' ? 'server refused TLS connection' : `tls error: ${text}`
}

const codeOf = (cause: unknown): string => {
  const known = cause instanceof AggregateError ? (cause.errors as readonly unknown[])[0] : cause
  return known instanceof Error && 'code' in known ? String(known.code) : ''
}
