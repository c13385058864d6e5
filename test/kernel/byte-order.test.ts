import * as fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { compareUtf8 } from '../../src/kernel/index.ts'

describe('compareUtf8', () => {
  it('orders as the bytes of UTF-8 are ordered', () => {
    const text = fc.oneof(
      fc.string({ unit: 'binary' }),
      fc.array(fc.constantFrom('a', '\uD7FF', '\uE000', '\uFFFD', '\u{10000}', '\u{10FFFF}')).map(it => it.join('')),
    )
    fc.assert(
      fc.property(text, text, (a, b) => {
        fc.pre(a.isWellFormed() && b.isWellFormed())
        expect(Math.sign(compareUtf8(a, b))).toBe(Buffer.compare(Buffer.from(a), Buffer.from(b)))
      }),
      { numRuns: 2_000 },
    )
  })

  it('differs from the order of UTF-16 where there are surrogates', () => {
    const names = ['\u{1F512}', '\uFFFD']
    expect(names.toSorted()).toEqual(['\u{1F512}', '\uFFFD'])
    expect(names.toSorted(compareUtf8)).toEqual(['\uFFFD', '\u{1F512}'])
  })
})
