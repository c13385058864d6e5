import type { Random, SecretBytes } from '../../kernel/index.ts'

/**
 * A way to divide a key among people, so that some of them together have it. Which share was given by whom, when there are
 * enough, and what the key opens, is core's.
 */
export interface KeySharing {
  /** `shares` of them, of which any `threshold` make the secret. They are secrets themselves, to be wiped when handed out. */
  split(secret: SecretBytes, shares: number, threshold: number, random: Random): readonly Uint8Array[]
  /** With too few shares, or with one of another set, the result is not the secret, and nothing here can tell. */
  combine(shares: readonly Uint8Array[]): SecretBytes
}
