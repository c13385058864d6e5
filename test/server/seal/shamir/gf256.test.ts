import { describe, expect, it } from 'vitest'
import { inverse, multiply } from '../../../../src/server/seal/shamir/gf256.ts'

const all = Array.from({ length: 256 }, (_, i) => i)

/** The schoolbook way: polynomials over GF(2), divided by that of AES. */
function byDivision(a: number, b: number): number {
  let product = 0
  for (let bit = 0; bit < 8; bit++) if ((b >> bit) & 1) product ^= a << bit
  for (let bit = 14; bit >= 8; bit--) if ((product >> bit) & 1) product ^= 0x11b << (bit - 8)
  return product
}

describe('GF(256)', () => {
  // FIPS 197, sections 4.2 and 4.2.1.
  it.each([
    [0x57, 0x83, 0xc1],
    [0x57, 0x13, 0xfe],
    [0x57, 0x02, 0xae],
    [0x57, 0x04, 0x47],
    [0x57, 0x08, 0x8e],
    [0x57, 0x10, 0x07],
  ])('multiplies %i by %i as the standard does', (a, b, product) => {
    expect(multiply(a, b)).toBe(product)
  })

  it('multiplies every pair as a division of polynomials does', () => {
    for (const a of all) for (const b of all) if (multiply(a, b) !== byDivision(a, b)) expect([a, b]).toEqual('equal')
    expect(multiply(255, 255)).toBe(byDivision(255, 255))
  })

  it('has an inverse for everything but zero', () => {
    expect(all.slice(1).map(a => multiply(a, inverse(a)))).toEqual(all.slice(1).map(() => 1))
    expect(inverse(0)).toBe(0)
    // FIPS 197, section 5.1.1 builds its S-box on this one.
    expect(inverse(0x53)).toBe(0xca)
  })
})
