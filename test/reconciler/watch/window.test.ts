import { assert, integer, property, subarray } from 'fast-check'
import { describe, expect, it } from 'vitest'
import { standingInTheWay, type Window } from '../../../src/reconciler/watch/index.ts'

const weekly = (is: 'allow' | 'deny', days: readonly number[], from: string, to: string, timezone = 'UTC'): Window => {
  const minutes = (text: string): number => Number(text.slice(0, 2)) * 60 + Number(text.slice(3))
  return { is, days: new Set(days), from: minutes(from), to: minutes(to), timezone }
}
const at = (text: string): Date => new Date(text)
const every = [0, 1, 2, 3, 4, 5, 6]

describe('windows', () => {
  it('stand in nobody’s way when there are none', () => {
    expect(standingInTheWay([], at('2026-11-28T12:00:00Z'))).toBeUndefined()
  })

  it('deny from a time to another, the second not included', () => {
    const windows = [{ ...weekly('deny', every, '08:00', '09:30'), reason: 'rush hour' }]
    expect(standingInTheWay(windows, at('2026-11-28T07:59:59Z'))).toBeUndefined()
    expect(standingInTheWay(windows, at('2026-11-28T08:00:00Z'))).toBe('a window denies it: rush hour')
    expect(standingInTheWay(windows, at('2026-11-28T09:29:59Z'))).toBeDefined()
    expect(standingInTheWay(windows, at('2026-11-28T09:30:00Z'))).toBeUndefined()
  })

  it('belong to the day on which they begin, past midnight too', () => {
    // 2026-11-27 is a Friday.
    const windows = [weekly('allow', [5], '22:00', '06:00')]
    expect(standingInTheWay(windows, at('2026-11-27T23:00:00Z'))).toBeUndefined()
    expect(standingInTheWay(windows, at('2026-11-28T05:59:00Z'))).toBeUndefined()
    expect(standingInTheWay(windows, at('2026-11-28T06:00:00Z'))).toBe('outside of all windows that allow it')
    expect(standingInTheWay(windows, at('2026-11-27T05:00:00Z'))).toBeDefined()
    expect(standingInTheWay(windows, at('2026-11-28T23:00:00Z'))).toBeDefined()
  })

  it('follow the clocks of a place, also when those are turned', () => {
    const windows = [weekly('allow', every, '09:00', '10:00', 'Europe/Berlin')]
    expect(standingInTheWay(windows, at('2026-07-01T07:30:00Z'))).toBeUndefined()
    expect(standingInTheWay(windows, at('2026-12-01T07:30:00Z'))).toBeDefined()
    expect(standingInTheWay(windows, at('2026-12-01T08:30:00Z'))).toBeUndefined()
  })

  it('freeze before all else, until an end', () => {
    const freeze: Window = { is: 'freeze', from: at('2026-12-20T00:00:00Z'), to: at('2027-01-04T06:00:00Z'), reason: 'holidays' }
    const windows = [weekly('allow', every, '00:00', '00:00'), freeze]
    expect(standingInTheWay(windows, at('2026-12-24T12:00:00Z'))).toBe('frozen until 2027-01-04T06:00:00.000Z: holidays')
    expect(standingInTheWay(windows, at('2027-01-04T06:00:00Z'))).toBeUndefined()
  })

  it('are open for as many minutes of a week as they say', () => {
    assert(
      property(integer({ min: 0, max: 1439 }), integer({ min: 0, max: 1439 }), subarray(every, { minLength: 1 }), (from, to, days) => {
        const window: Window = { is: 'deny', days: new Set(days), from, to, timezone: 'UTC' }
        let open = 0
        for (let minute = 0; minute < 7 * 1440; minute++)
          if (standingInTheWay([window], new Date(Date.UTC(2026, 10, 22, 0, minute))) !== undefined) open++
        // Windows of two days may meet, and count once.
        const length = from === to ? 1440 : (to - from + 1440) % 1440
        expect(open).toBe(length * days.length)
      }),
      { numRuns: 3 },
    )
  })
})
