import { sqlState } from './failures.ts'

/** Held by one transaction at a time, of every server that uses the database: by those that change who may do what. */
export const LOCK = `SELECT pg_catalog.pg_advisory_xact_lock(7021948033)`

/** A function, or a feature, that the server does not have. */
const UNKNOWN: ReadonlySet<string> = new Set(['42883', '0A000'])

/**
 * Sends what goes under the lock, as one transaction; `text` is what is sent without it, for what speaks PostgreSQL's protocol and has no
 * such locks.
 */
export async function underLock(
  send: (text: string) => Promise<unknown>,
  text: string,
  locked: string = `${LOCK};\n${text}`,
): Promise<void> {
  try {
    await send(locked)
  } catch (cause) {
    if (!UNKNOWN.has(sqlState(cause))) throw cause
    await send(text)
  }
}
