import { describe, expect, it } from 'vitest'
import { ManualClock } from '../../../src/kernel/index.ts'
import { lockName } from '../../../src/reconciler/model/index.ts'
import { loadLedger, storedLedgers } from '../../../src/reconciler/ledger/index.ts'
import { LeaderLock } from '../../../src/reconciler/watch/index.ts'
import { FakeTarget, Refused } from '../harness/fake-target.ts'

const TERM = 60_000
const start = new Date('2026-11-28T12:00:00Z')

interface Stage {
  readonly target: FakeTarget
  readonly clock: ManualClock
  readonly ada: LeaderLock
  readonly bob: LeaderLock
}

function stage(isOpenBao = true): Stage {
  const clock = new ManualClock(start)
  const target = new FakeTarget({ isOpenBao })
  const lock = (id: string): LeaderLock => new LeaderLock({ owner: 'team', id, host: `${id}.example.org`, clock, term: TERM })
  return { target, clock, ada: lock('ada'), bob: lock('bob') }
}

/** Lets what waits for the clock go on. */
async function passing<T>(clock: ManualClock, work: Promise<T>): Promise<T> {
  const still = Symbol('still')
  for (;;) {
    const done = await Promise.race([work, new Promise<typeof still>(resolve => setImmediate(() => resolve(still)))])
    if (done !== still) return done
    clock.advance(500)
  }
}

describe('the lock of a watch', () => {
  it('is had by the first, and says who has it', async () => {
    const { target, ada, bob } = stage()
    expect(await ada.attempt(target)).toEqual({ is: 'held' })
    expect(await bob.attempt(target)).toEqual({ is: 'taken', by: 'the watch at ada.example.org' })
    expect([ada.isHeld, bob.isHeld]).toEqual([true, false])
  })

  it('is kept by renewing it, however long', async () => {
    const { target, clock, ada, bob } = stage()
    for (let i = 0; i < 20; i++) {
      expect((await ada.attempt(target)).is).toBe('held')
      expect((await bob.attempt(target)).is).toBe('taken')
      clock.advance(TERM / 3)
    }
  })

  it('is no longer trusted by a holder before anybody can take it over', async () => {
    const { target, clock, ada, bob } = stage()
    await ada.attempt(target)
    await bob.attempt(target)
    for (let passed = 0; passed < 2 * TERM; passed += 1000) {
      clock.advance(1000)
      if (ada.isHeld) expect((await bob.attempt(target)).is).toBe('taken')
    }
    expect(ada.isHeld).toBe(false)
    expect(await bob.attempt(target)).toEqual({ is: 'held' })
    expect((await ada.attempt(target)).is).toBe('taken')
  })

  it('goes on to the next at once when it is given back', async () => {
    const { target, ada, bob } = stage()
    await ada.attempt(target)
    await ada.release(target)
    expect(ada.isHeld).toBe(false)
    expect(await bob.attempt(target)).toEqual({ is: 'held' })
    // Whoever does not have it gives nothing back.
    await ada.release(target)
    expect((await bob.attempt(target)).is).toBe('held')
  })

  it('is had by one of two that come at the same moment', async () => {
    for (let round = 0; round < 20; round++) {
      const { target, ada, bob } = stage()
      const attempts = await Promise.all([ada.attempt(target), bob.attempt(target)])
      expect(attempts.filter(it => it.is === 'held')).toHaveLength(1)
    }
  })

  it('is had by one of two on a server without versions as well', async () => {
    const { target, clock, ada, bob } = stage(false)
    const attempts = await passing(clock, Promise.all([ada.attempt(target), bob.attempt(target)]))
    expect(attempts.filter(it => it.is === 'held')).toHaveLength(1)
    expect([ada.isHeld, bob.isHeld].filter(Boolean)).toHaveLength(1)
  })

  it('stays held while the server cannot be asked, until its term is nearly over', async () => {
    const { target, clock, ada } = stage()
    await ada.attempt(target)
    target.before = () => {
      throw new Refused(503, 'sealed')
    }
    await expect(ada.attempt(target)).rejects.toThrow('sealed')
    expect(ada.isHeld).toBe(true)
    clock.advance(TERM)
    expect(ada.isHeld).toBe(false)
  })

  it('is ours when the answer to its writing was lost', async () => {
    const { target, ada, bob } = stage()
    target.after = request => {
      if (request.startsWith('POST')) throw new Error('the connection broke')
    }
    await expect(ada.attempt(target)).rejects.toThrow('the connection broke')
    expect(ada.isHeld).toBe(false)
    target.after = () => undefined
    expect((await bob.attempt(target)).is).toBe('taken')
    expect(await ada.attempt(target)).toEqual({ is: 'held' })
  })

  it('is no part of the ledger beside which it stands, and grants nothing', async () => {
    const { target, ada } = stage()
    await ada.attempt(target)
    const text = target.policies.get(lockName('team'))?.text ?? ''
    expect(text.split('\n').every(it => it === '' || it.startsWith('#'))).toBe(true)
    expect(storedLedgers(target.policies).size).toBe(0)
    expect((await loadLedger(target, 'team')).count).toBe(0)
  })
})
