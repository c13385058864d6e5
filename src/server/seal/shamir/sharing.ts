/**
 * Shamir's secret sharing (How to share a secret, 1979) over bytes: each byte of the secret is the value at 0 of a random
 * polynomial of degree threshold - 1, and a share holds the values of all of them at one x. Any `threshold` shares give the
 * polynomials and so the secret; fewer fit every secret equally well.
 *
 * A share is one y for each byte of the secret, then its x: 33 bytes for a key of 32. That is the field's own form, and
 * OpenBao and Vault combine what is split here, and the other way round.
 */
import { SecretBytes, type Random } from '../../../kernel/index.ts'
import type { KeySharing } from '../index.ts'
import { inverse, multiply } from './gf256.ts'

/** What cannot be split or combined. The messages are the peer's where it has one. */
export class ShamirError extends Error {}

export const split: KeySharing['split'] = (secret, shares, threshold, random) => {
  if (shares < threshold) throw new ShamirError('parts cannot be less than threshold')
  if (shares > 255) throw new ShamirError('parts cannot exceed 255')
  if (threshold < 2) throw new ShamirError('threshold must be at least 2')
  if (!Number.isInteger(shares) || !Number.isInteger(threshold)) throw new ShamirError('parts and threshold must be whole numbers')
  if (secret.length === 0) throw new ShamirError('cannot split an empty secret')

  const bytes = secret.reveal()
  // All coefficients but the constant ones, those of a power beside each other. Zero is as likely as any other value, also
  // for the highest: to leave it out would tell something to one who has all shares but one.
  const coefficients = random.bytes((threshold - 1) * bytes.length)
  const made = distinctPoints(shares, random).map(x => {
    const share = new Uint8Array(bytes.length + 1)
    for (let at = 0; at < bytes.length; at++) {
      let y = 0
      for (let power = threshold - 2; power >= 0; power--) {
        y = multiply(y, x) ^ (coefficients[power * bytes.length + at] as number)
      }
      share[at] = multiply(y, x) ^ (bytes[at] as number)
    }
    share[bytes.length] = x
    return share
  })
  coefficients.fill(0)
  return made
}

export const combine: KeySharing['combine'] = shares => {
  const [first, ...others] = shares
  if (first === undefined || others.length === 0) throw new ShamirError('less than two parts cannot be used to reconstruct the secret')
  if (first.length < 2) throw new ShamirError('parts must be at least two bytes')
  if (others.some(it => it.length !== first.length)) throw new ShamirError('all parts must be the same length')
  const points = shares.map(it => it.at(-1) as number)
  if (new Set(points).size < points.length) throw new ShamirError('duplicate part detected')

  // Lagrange at 0: the secret is the sum of y · w, with w the product of x' / (x' - x) over the other points.
  const weights = points.map(x =>
    points.reduce((product, other) => (other === x ? product : multiply(product, multiply(other, inverse(other ^ x)))), 1),
  )
  const secret = new Uint8Array(first.length - 1)
  for (const [index, share] of shares.entries()) {
    for (let at = 0; at < secret.length; at++) {
      secret[at] = (secret[at] as number) ^ multiply(share[at] as number, weights[index] as number)
    }
  }
  try {
    return SecretBytes.from(secret)
  } finally {
    secret.fill(0)
  }
}

/** Different from each other and from 0, every choice as likely. They are no secret, but two sets should not look alike. */
function distinctPoints(count: number, random: Random): readonly number[] {
  const points = new Set<number>()
  while (points.size < count) {
    for (const byte of random.bytes(256)) {
      if (byte !== 0 && points.size < count) points.add(byte)
    }
  }
  return [...points]
}
