/** What went wrong, in the words that the peer's driver has for it: clients and people know them. */
import type { Host, Target } from './connection-string.ts'

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

const INVALID_PASSWORD = '28P01'
/** Another host, or another way to the same, would say nothing else: the password is wrong, or there is no such database, or no right to it. */
const FINAL: ReadonlySet<string> = new Set([INVALID_PASSWORD, '3D000', '42501'])

export const isFinal = (cause: unknown): boolean => FINAL.has(sqlState(cause))

const DIALLING: Readonly<Record<string, string>> = {
  ECONNREFUSED: 'connect: connection refused',
  ECONNRESET: 'read: connection reset by peer',
  ETIMEDOUT: 'i/o timeout',
  EHOSTUNREACH: 'connect: no route to host',
  ENETUNREACH: 'connect: network is unreachable',
  ENOENT: 'connect: no such file or directory',
  EACCES: 'connect: permission denied',
}

export interface Try extends Host {
  readonly cause: unknown
}

/** Why there is no connection. `tries`: what each attempt came to, in order. */
export function notConnected({ user, database }: Target, tries: readonly Try[]): Error {
  const cause = tries.at(-1)?.cause
  const head = `failed to connect to \`user=${user} database=${database}\`:`
  const lines = tries.map(lineOf)
  const [first] = lines
  if (tries.every(it => isUnresolved(it.cause))) return new Error(`${head} hostname resolving error: ${first}`, { cause })
  return new Error(lines.length === 1 ? `${head} ${first}` : `${head}${lines.map(it => `\n\t${it}`).join('')}`, { cause })
}

const isUnresolved = (cause: unknown): boolean => codeOf(cause) === 'ENOTFOUND' || codeOf(cause) === 'EAI_AGAIN'

function lineOf({ host, port, cause }: Try): string {
  if (isUnresolved(cause)) return `lookup ${host}: no such host`
  const address = host.includes(':') ? `[${host}]:${port}` : `${host}:${port}`
  return `${address} (${host}): ${reason(cause, address)}`
}

/** The session is not what `target_session_attrs` asks for. */
export class OtherSession extends Error {}

function reason(cause: unknown, address: string): string {
  if (cause instanceof OtherSession) return `ValidateConnect failed: ${cause.message}`
  if (isReported(cause)) return `${cause.code === INVALID_PASSWORD ? 'failed SASL auth' : 'server error'}: ${describe(cause)}`
  const dialling = DIALLING[codeOf(cause)]
  if (dialling !== undefined) return `dial error: dial tcp ${address}: ${dialling}`
  const text = describe(cause)
  return text === 'The server does not support SSL connections' ? 'server refused TLS connection' : `tls error: ${text}`
}

const codeOf = (cause: unknown): string => {
  const known = cause instanceof AggregateError ? (cause.errors as readonly unknown[])[0] : cause
  return known instanceof Error && 'code' in known ? String(known.code) : ''
}
