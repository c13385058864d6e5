import { describe, expect, it } from 'vitest'
import type { Client } from '../../../src/client/index.ts'
import { eventLine, timeLeft, whileReading } from '../../../src/cli/reconcile/index.ts'
import { ManualClock } from '../../../src/kernel/index.ts'
import type { Step } from '../../../src/reconciler/model/index.ts'
import { stage } from '../context.ts'

const answer = { status: 200, headers: {}, body: {}, text: '', method: 'GET', url: '' }
const client: Client = { address: '', send: () => Promise.resolve(answer), with: () => client, close: () => undefined }

describe('a long look at the server', () => {
  async function shown(terminal: boolean, milliseconds: number): Promise<string> {
    const { ctx, stderr } = stage({ terminal })
    const clock = new ManualClock(new Date(0))
    const own = Object.create(ctx, { clock: { value: clock } }) as typeof ctx
    await whileReading(own, client, async counted => {
      for (let i = 0; i < 20; i++) {
        clock.advance(milliseconds)
        await counted.send({ method: 'GET', path: 'sys/mounts' })
      }
    })
    return stderr()
  }

  it('is told to a terminal, now and then, and leaves nothing behind', async () => {
    const text = await shown(true, 90)
    expect(text.split('\r').filter(it => it.startsWith('Reading'))).toHaveLength(5)
    expect(text).toContain('\rReading the server: 12 answers in 1 s')
    expect(text.endsWith('\r\u001b[K')).toBe(true)
  })

  it('is not told where it is short, or nobody looks', async () => {
    expect(await shown(true, 10)).toBe('')
    expect(await shown(false, 90)).toBe('')
  })
})

describe('an apply', () => {
  it.each([
    [5000, 100, 1000, ', 45 s left'],
    [5000, 10, 1000, ', 8 min left'],
    [5000, 1000, 1000, ''],
    [500, 100, 1000, ''],
    [5000, 10, 20, ''],
  ])('after %i ms and %i of %i steps has%s', (elapsed, count, of, text) => {
    expect(timeLeft(elapsed, count, of)).toBe(text)
  })

  it('tells machines each step on a line of its own', () => {
    const step = { address: 'policy/a', action: 'create' } as Step
    expect(
      [
        { is: 'started', step } as const,
        { is: 'finished', step, count: 1, of: 2 } as const,
        { is: 'failed', step, message: 'no\nway' } as const,
        { is: 'rolling-back', count: 1 } as const,
      ].map(eventLine),
    ).toEqual([
      '{"type":"apply_start","address":"policy/a","action":"create"}\n',
      '{"type":"apply_complete","address":"policy/a","action":"create","count":1,"of":2}\n',
      '{"type":"apply_errored","address":"policy/a","action":"create","message":"no\\nway"}\n',
      '{"type":"apply_rollback","count":1}\n',
    ])
  })
})
