import { randomBytes } from 'node:crypto'
import * as fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { SecretBytes, type Random } from '../../src/kernel/index.ts'
import { combine, split } from '../../src/server/seal/shamir/index.ts'

const random: Random = { bytes: count => randomBytes(count), uuid: () => '' }

/** Every choice of `size` out of `from`. */
function* subsets<T>(from: readonly T[], size: number): Generator<readonly T[]> {
  if (size === 0) {
    yield []
    return
  }
  for (const [index, first] of from.entries()) for (const rest of subsets(from.slice(index + 1), size - 1)) yield [first, ...rest]
}

const POINTS = Buffer.from(Array.from({ length: 256 }, (_, i) => i))
/** Draws the points 1, 2, 3, … and these coefficients. */
const fixed = (coefficients: readonly number[]): Random => ({
  bytes: count => (count === 256 ? POINTS : Buffer.from(coefficients)),
  uuid: () => '',
})

describe('sharing', () => {
  it('gives the secret back from every subset of threshold size, in any order', () => {
    fc.assert(
      fc.property(
        fc.uint8Array({ minLength: 1, maxLength: 40 }),
        fc.integer({ min: 2, max: 6 }).chain(threshold => fc.tuple(fc.constant(threshold), fc.integer({ min: threshold, max: 7 }))),
        (bytes, [threshold, count]) => {
          const shares = split(SecretBytes.from(bytes), count, threshold, random)
          for (const subset of subsets(shares, threshold)) {
            expect(combine(subset).reveal().equals(bytes)).toBe(true)
            expect(combine(subset.toReversed()).reveal().equals(bytes)).toBe(true)
          }
          expect(combine(shares).reveal().equals(bytes)).toBe(true)
        },
      ),
      { numRuns: 150 },
    )
  })

  it('gives it back with the largest numbers there are', () => {
    const bytes = randomBytes(32)
    const shares = split(SecretBytes.from(bytes), 255, 255, random)
    expect(combine(shares).reveal().equals(bytes)).toBe(true)
    expect(combine(shares.slice(1)).reveal().equals(bytes)).toBe(false)
  })

  // Exhaustive, so that it is a proof and not a sample: over all that the generator may draw, whoever sees fewer shares than
  // the threshold sees everything equally often, and the same whatever the secret is.
  it.each([0, 1, 0x53, 255])('shows one of two shares evenly (secret %i)', secret => {
    const seen = Array.from({ length: 256 }, (_, c) => split(SecretBytes.from(Buffer.from([secret])), 2, 2, fixed([c])))
    for (const which of [0, 1]) expect(new Set(seen.map(shares => shares[which]?.[0])).size).toBe(256)
  })

  it.each([0, 0xca])('shows any two of three shares evenly (secret %i)', secret => {
    const pairs = [0, 1, 2].map(() => new Uint8Array(65_536))
    for (let draw = 0; draw < 65_536; draw++) {
      const shares = split(SecretBytes.from(Buffer.from([secret])), 3, 3, fixed([draw & 0xff, draw >> 8]))
      const [a = 0, b = 0, c = 0] = shares.map(it => it[0])
      for (const [index, pair] of [(a << 8) | b, (a << 8) | c, (b << 8) | c].entries()) (pairs[index] as Uint8Array)[pair]!++
    }
    for (const counts of pairs) expect(counts.every(it => it === 1)).toBe(true)
  })

  it('leaves every secret possible to one who lacks a share', () => {
    fc.assert(
      fc.property(fc.uint8Array({ minLength: 1, maxLength: 1 }), fc.integer({ min: 2, max: 5 }), (bytes, threshold) => {
        const shares = split(SecretBytes.from(bytes), threshold, threshold, random)
        const [lacking, ...held] = shares
        const x = lacking?.[1] as number
        const possible = new Set(Array.from({ length: 256 }, (_, y) => combine([Uint8Array.of(y, x), ...held]).reveal()[0]))
        expect(possible.size).toBe(256)
      }),
      { numRuns: 40 },
    )
  })

  it('shares the same secret differently every time', () => {
    const key = SecretBytes.from(randomBytes(32))
    const seen = new Set(Array.from({ length: 500 }, () => Buffer.from(split(key, 2, 2, random)[0] as Uint8Array).toString('hex')))
    expect(seen.size).toBe(500)
  })
})
