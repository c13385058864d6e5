import * as fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { Limiter } from '../../../../src/server/core/quotas/limiter.ts'

describe('Limiter', () => {
  it('allows its rate an interval, from each address by itself', () => {
    const limiter = new Limiter(2, 10, 0)
    expect([0, 1, 2].map(now => limiter.take('a', now).allowed)).toEqual([true, true, false])
    expect(limiter.take('b', 3)).toEqual({ allowed: true, left: 1, resetIn: 10_000, retryIn: 0 })
    expect(limiter.take('a', 9_999)).toEqual({ allowed: false, left: 0, resetIn: 1, retryIn: 1 })
    expect(limiter.take('a', 10_000)).toEqual({ allowed: true, left: 1, resetIn: 10_000, retryIn: 0 })
  })

  it('rounds its rate to whole requests, and allows at least one', () => {
    expect([0.1, 0.5, 1.4, 1.5, 2.4].map(rate => new Limiter(rate, 1, 0).limit)).toEqual([1, 1, 1, 2, 2])
  })

  it('keeps out whoever asked for too much, for as long as it is told', () => {
    const limiter = new Limiter(1, 1, 5)
    limiter.take('a', 0)
    expect(limiter.take('a', 1)).toEqual({ allowed: false, left: 0, resetIn: 999, retryIn: 5000 })
    expect(limiter.take('a', 5000)).toEqual({ allowed: false, resetIn: 0, retryIn: 1 })
    expect(limiter.take('a', 5001).allowed).toBe(true)
  })

  it('gives nothing anew when the clock is set back', () => {
    const limiter = new Limiter(1, 10, 0)
    limiter.take('a', 20_000)
    expect(limiter.take('a', 35_000).allowed).toBe(true)
    expect(limiter.take('a', 21_000).allowed).toBe(false)
    expect(limiter.take('a', 5_000).allowed).toBe(false)
  })

  it('forgets addresses whose interval is over, however many came', () => {
    const limiter = new Limiter(1, 1, 0)
    for (let i = 0; i < 100_000; i++) limiter.take(`10.${i}`, i)
    expect(limiter.size).toBeLessThan(5_000)
  })

  it('never allows more than twice its rate in any span as long as an interval', () => {
    fc.assert(
      fc.property(fc.array(fc.nat(100), { minLength: 1, maxLength: 300 }), fc.integer({ min: 1, max: 9 }), (pauses, rate) => {
        const limiter = new Limiter(rate, 1, 0)
        let now = 0
        const allowed: number[] = []
        for (const pause of pauses) {
          now += pause
          if (limiter.take('a', now).allowed) allowed.push(now)
        }
        for (const at of allowed) expect(allowed.filter(it => it >= at && it < at + 1000).length).toBeLessThanOrEqual(2 * rate)
      }),
    )
  })
})
