/** A reply that is no success, or `undefined` for a request that got none. */
export interface FailedReply {
  readonly status: number
  readonly headers: Readonly<Record<string, string | number | undefined>>
  /** The page of the API that the reply points at; it is how a secondary rate limit without headers is told apart. */
  readonly documentation: string
}

/** Retries after the first try. */
const MOST_TRIES = 5
/** In milliseconds. A limit that is lifted later than this ends the run: a job that sleeps for an hour helps nobody. */
const LONGEST_WAIT = 15 * 60_000

const IDEMPOTENT = new Set(['GET', 'HEAD', 'PUT', 'PATCH', 'DELETE'])

/**
 * How many milliseconds to wait before the same request is sent again; undefined: it is not. By GitHub's "Best practices for using
 * the REST API": `retry-after` is kept, then `x-ratelimit-reset`, and without either a minute that doubles. A request that
 * creates something is sent again only where the reply says that it was not carried out.
 */
export function waitBefore(reply: FailedReply | undefined, method: string, tried: number, now: Date): number | undefined {
  if (tried >= MOST_TRIES) return undefined
  if (reply === undefined) return IDEMPOTENT.has(method) ? 1000 * 2 ** tried : undefined
  const wait = limitedFor(reply, tried, now) ?? (reply.status >= 500 && IDEMPOTENT.has(method) ? 1000 * 2 ** tried : undefined)
  return wait === undefined || wait > LONGEST_WAIT ? undefined : wait
}

function limitedFor({ status, headers, documentation }: FailedReply, tried: number, now: Date): number | undefined {
  if (status !== 403 && status !== 429) return status === 503 ? seconds(headers['retry-after']) : undefined
  const asked = seconds(headers['retry-after'])
  if (asked !== undefined) return asked
  const reset = seconds(headers['x-ratelimit-reset'])
  if (String(headers['x-ratelimit-remaining']) === '0' && reset !== undefined) return Math.max(reset - now.getTime(), 0) + 1000
  return status === 429 || documentation.includes('secondary-rate-limits') ? 60_000 * 2 ** tried : undefined
}

const seconds = (value: string | number | undefined): number | undefined =>
  value !== undefined && /^\d+$/.test(String(value)) ? Number(value) * 1000 : undefined
