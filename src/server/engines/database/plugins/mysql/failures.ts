/** What went wrong, in the words that the peer's driver has for it: clients and people know them. */
interface Reported {
  readonly errno: number
  readonly sqlState: string
  readonly sqlMessage: string
}

/** What the server itself reported. */
export const isReported = (cause: unknown): cause is Error & Reported =>
  cause instanceof Error && 'errno' in cause && 'sqlState' in cause && 'sqlMessage' in cause && typeof cause.sqlMessage === 'string'

/** The server's number for it, 0 for anything else. */
export const numberOf = (cause: unknown): number => (isReported(cause) ? cause.errno : 0)

const DIALLING: Readonly<Record<string, string>> = {
  ECONNREFUSED: 'connect: connection refused',
  ECONNRESET: 'read: connection reset by peer',
  ETIMEDOUT: 'i/o timeout',
  EHOSTUNREACH: 'connect: no route to host',
  ENETUNREACH: 'connect: network is unreachable',
  ENOENT: 'connect: no such file or directory',
  EACCES: 'connect: permission denied',
}

/** `where`: host and port, as dialled. */
export function describe(cause: unknown, where: string): string {
  if (isReported(cause)) return `Error ${cause.errno} (${cause.sqlState}): ${cause.sqlMessage}`
  const { code = '' } = cause as NodeJS.ErrnoException
  const dialling = DIALLING[code]
  if (dialling !== undefined) return `dial tcp ${where}: ${dialling}`
  if (code === 'ENOTFOUND' || code === 'EAI_AGAIN') return `dial tcp: lookup ${where.replace(/:\d+$/, '')}: no such host`
  if (code === 'PROTOCOL_CONNECTION_LOST') return 'invalid connection'
  if (code === 'HANDSHAKE_NO_SSL_SUPPORT') return 'TLS requested but server does not support TLS'
  return cause instanceof Error ? cause.message : String(cause)
}

/** Without its cause, in which the driver keeps the statement, password and all. */
export const said = (before: string, cause: unknown, where: string): Error => new Error(before + describe(cause, where))
