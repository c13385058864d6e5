/** What went wrong, in the words that the peer has for it. */
const DIALLING: Readonly<Record<string, string>> = {
  ECONNREFUSED: 'connect: connection refused',
  ETIMEDOUT: 'i/o timeout',
  EHOSTUNREACH: 'connect: no route to host',
  ENETUNREACH: 'connect: network is unreachable',
}

export function describe(cause: unknown, where: string = ''): string {
  const { code = '', message } = cause as NodeJS.ErrnoException
  const dialling = DIALLING[code]
  if (dialling !== undefined) return `dial tcp ${where}: ${dialling}`
  if (code === 'ENOTFOUND' || code === 'EAI_AGAIN') return `dial tcp: lookup ${where.replace(/:\d+$/, '')}: no such host`
  if (code === 'ECONNRESET' || message === 'Socket closed unexpectedly' || message === 'The client is closed') return 'EOF'
  return message
}
