/**
 * Signatures of compact tokens (RFC 7515), by the library jose. Knows nothing else; what stands in a token, and what to say of a wrong
 * one, its callers know. The library is loaded when the first token comes.
 */
import type { KeyObject } from 'node:crypto'

/**
 * Whether one of the keys has signed the token, by one of these algorithms (RFC 7518, section 3.1; RFC 8037). A key counts only for
 * algorithms that it is made for, so that a public key is never taken for the secret of a MAC; RSA keys have 2048 bits or more.
 */
export async function isSignedByAny(token: string, keys: readonly KeyObject[], algorithms: readonly string[]): Promise<boolean> {
  const { compactVerify, errors } = await import('jose')
  for (const key of keys) {
    try {
      await compactVerify(token, key, { algorithms: [...algorithms] })
      return true
    } catch (cause) {
      // TypeErrors are its words for a key that is not of the algorithm.
      if (!(cause instanceof errors.JOSEError || cause instanceof TypeError)) throw cause
    }
  }
  return false
}
