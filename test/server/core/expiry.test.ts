import * as fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { ManualClock } from '../../../src/kernel/index.ts'
import { Expiry } from '../../../src/server/core/expiry.ts'

describe('expiry', () => {
  it('fires everything that is due, in order, once, and nothing else', () =>
    fc.assert(
      fc.property(
        fc.array(
          fc.oneof(
            fc.record({ set: fc.integer({ min: 0, max: 9 }), at: fc.integer({ min: 0, max: 100 }) }),
            fc.record({ drop: fc.integer({ min: 0, max: 9 }) }),
            fc.record({ pass: fc.integer({ min: 0, max: 30 }) }),
          ),
          { maxLength: 60 },
        ),
        steps => {
          const clock = new ManualClock(new Date(0))
          const fired: string[] = []
          const expiry = new Expiry(clock, id => fired.push(`${id}@${clock.now().getTime()}`))
          const model = new Map<string, number>()
          const expected: string[] = []
          expiry.start()
          for (const step of steps) {
            const now = clock.now().getTime()
            if ('set' in step) {
              expiry.set(`k${step.set}`, now + step.at)
              model.set(`k${step.set}`, now + step.at)
            } else if ('drop' in step) {
              expiry.delete(`k${step.drop}`)
              model.delete(`k${step.drop}`)
            } else {
              const due = [...model].filter(([, at]) => at <= now + step.pass).sort(([, a], [, b]) => a - b)
              for (const [id, at] of due) {
                expected.push(`${id}@${at}`)
                model.delete(id)
              }
              clock.advance(step.pass)
            }
          }
          const byTime = (list: string[]): string[] => list.map(it => it.split('@').reverse().join('@')).sort()
          expect(byTime(fired)).toEqual(byTime(expected))
          expect(expiry.size).toBe(model.size)
        },
      ),
    ))

  it('forgets stale entries when most of the heap is stale', () => {
    const expiry = new Expiry(new ManualClock(new Date(0)), () => undefined)
    for (let i = 0; i < 10_000; i++) expiry.set('one', i + 1)
    for (let i = 0; i < 2000; i++) expiry.set(`k${i}`, i + 1)
    for (let i = 0; i < 2000; i++) expiry.delete(`k${i}`)
    expect(expiry.size).toBe(1)
  })
})
