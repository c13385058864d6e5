import type { Clock, Random } from '../kernel/index.ts'
import type { Method } from './client.ts'

/** Milliseconds before the first repetition; each further one waits that many times longer, plus jitter. As the Go client. */
const SHORTEST = 1000
const JITTER = 500

const SAFE: ReadonlySet<Method> = new Set(['GET', 'LIST', 'SCAN', 'HEAD'])
/** The server says that it did not start on the request: a rate limit (429), or a state it has not caught up with (412). */
const NOT_STARTED: ReadonlySet<number> = new Set([412, 429])
/** Nothing reached a server, so nothing can have been done. */
const NOT_SENT: ReadonlySet<unknown> = new Set(['ECONNREFUSED', 'ENOTFOUND', 'EAI_AGAIN', 'EHOSTUNREACH', 'ENETUNREACH', 'ENOENT'])
/** Trying again cannot help: trust is missing, or the other end does not speak TLS. */
const HOPELESS = /^(ERR_TLS|ERR_SSL|CERT_|DEPTH_|SELF_SIGNED|UNABLE_TO|HOSTNAME_MISMATCH|EPROTO)/

/** Whether an answer with this status is worth another try. 501 says "never". */
export function mayRepeatAnswer(method: Method, status: number): boolean {
  if (NOT_STARTED.has(status)) return true
  return SAFE.has(method) && status >= 500 && status !== 501
}

/** A write is repeated only when it cannot have been carried out. */
export function mayRepeatFailure(method: Method, cause: unknown): boolean {
  const code = (cause as { readonly code?: unknown } | undefined)?.code
  if (typeof code === 'string' && HOPELESS.test(code)) return false
  return SAFE.has(method) || NOT_SENT.has(code)
}

/** Retry-After (RFC 9110 section 10.2.3): seconds or a date; in milliseconds. */
export function retryAfter(header: string | undefined, now: Date): number | undefined {
  if (header === undefined) return undefined
  if (/^\d+$/.test(header)) return Number(header) * 1000
  const at = Date.parse(header)
  return Number.isNaN(at) ? undefined : Math.max(0, at - now.getTime())
}

/** Milliseconds before try number `tries` + 1. */
export function backOff(tries: number, random: Random): number {
  const [a, b, c, d] = random.bytes(4) as unknown as readonly [number, number, number, number]
  const share = (a * 2 ** 24 + b * 2 ** 16 + c * 2 ** 8 + d) / 2 ** 32
  return (SHORTEST + share * JITTER) * tries
}

/** Waits, unless the signal ends it first (it then rejects with the signal's reason). */
export function pause(clock: Clock, ms: number, signal: AbortSignal): Promise<void> {
  return new Promise((resolve, reject) => {
    // The clock's timers do not keep a process alive; a command that is waiting to try again must not just end.
    const hold = setInterval(() => undefined, 2 ** 30)
    const done = (settle: () => void): void => {
      clearInterval(hold)
      cancel()
      signal.removeEventListener('abort', aborted)
      settle()
    }
    const aborted = (): void => done(() => reject(signal.reason as Error))
    const cancel = clock.after(ms, () => done(resolve))
    if (signal.aborted) aborted()
    else signal.addEventListener('abort', aborted, { once: true })
  })
}
