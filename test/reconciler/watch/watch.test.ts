import { describe, expect, it } from 'vitest'
import { ManualClock, silentLog } from '../../../src/kernel/index.ts'
import {
  Watch,
  type RunKind,
  type RunRecord,
  type RunResult,
  type WatchLock,
  type WatchOptions,
} from '../../../src/reconciler/watch/index.ts'

const SECOND = 1000
const MINUTE = 60 * SECOND
const start = new Date('2026-11-28T12:00:00Z')
const random = { bytes: (count: number) => new Uint8Array(count), uuid: () => 'id' }
const clean: RunResult = { outcome: 'clean', mayRepeat: false }
const applied: RunResult = { outcome: 'applied', mayRepeat: false }
const down: RunResult = { outcome: 'failed', message: 'no answer', mayRepeat: true }
const drift: RunResult = { outcome: 'drift', digest: 'd', mayRepeat: false }

class Stage {
  readonly clock = new ManualClock(start)
  readonly runs: string[] = []
  readonly records: RunRecord[] = []
  commit = 'one'
  problem: Error | undefined
  /** What the next runs come to; then `clean`. */
  answers: RunResult[] = []
  during: () => void = () => undefined
  readonly watch: Watch
  readonly signal = new AbortController()

  constructor(options: Partial<WatchOptions> = {}) {
    this.watch = new Watch({
      clock: this.clock,
      random,
      log: silentLog,
      rhythm: { look: MINUTE, drift: 10 * MINUTE, retry: { first: 10 * SECOND, most: 5 * MINUTE } },
      windows: [],
      mode: 'apply',
      heal: false,
      look: () =>
        this.problem === undefined ? Promise.resolve({ id: this.commit, subject: `commit ${this.commit}` }) : Promise.reject(this.problem),
      run: async (kind: RunKind, commit, signal) => {
        this.runs.push(`${kind} ${commit.id}`)
        this.during()
        await new Promise(resolve => setImmediate(resolve))
        if (signal.aborted) return { outcome: 'stopped', message: 'aborted', mayRepeat: false }
        return this.answers.shift() ?? clean
      },
      onRun: record => void this.records.push(record),
      ...options,
    })
  }

  /** Everything that becomes due until then, as the loop would do it. */
  async pass(ms: number): Promise<void> {
    const until = this.clock.now().getTime() + ms
    for (;;) {
      await this.watch.cycle(this.signal.signal)
      if (this.clock.now().getTime() >= until) return
      this.clock.advance(SECOND)
    }
  }
}

describe('a watch', () => {
  it('tries each commit once', async () => {
    const stage = new Stage()
    stage.answers = [applied, { outcome: 'refused', mayRepeat: false }, { outcome: 'broken', mayRepeat: false }]
    await stage.pass(3 * MINUTE)
    stage.commit = 'two'
    await stage.pass(3 * MINUTE)
    stage.commit = 'three'
    await stage.pass(3 * MINUTE)
    expect(stage.runs).toEqual(['apply one', 'apply two', 'apply three'])
    expect(stage.records.map(it => [it.outcome, it.cause])).toEqual([
      ['applied', 'commit'],
      ['refused', 'commit'],
      ['broken', 'commit'],
    ])
  })

  it('tries again with growing pauses when the server was at fault, and at once for another commit', async () => {
    const stage = new Stage()
    stage.answers = [down, down, down, down]
    await stage.pass(2 * MINUTE)
    const begun = stage.records.map(it => (it.begunAt.getTime() - start.getTime()) / SECOND)
    expect(begun).toEqual([0, 10, 30, 70])
    expect(stage.records.map(it => it.cause)).toEqual(['commit', 'retry', 'retry', 'retry'])
    expect(stage.watch.state.retryAt?.getTime()).toBe(start.getTime() + 150 * SECOND)
    stage.commit = 'two'
    stage.answers = [applied]
    stage.watch.wake()
    await stage.pass(SECOND)
    expect(stage.runs.at(-1)).toBe('apply two')
    expect(stage.watch.state.retryAt).toBeUndefined()
    await stage.pass(5 * MINUTE)
    expect(stage.runs).toHaveLength(5)
  })

  it('looks for drift in a rhythm of its own, and only tells', async () => {
    const stage = new Stage()
    stage.answers = [applied, clean, drift]
    await stage.pass(25 * MINUTE)
    expect(stage.runs).toEqual(['apply one', 'plan one', 'plan one'])
    expect(stage.records.map(it => it.cause)).toEqual(['commit', 'drift', 'drift'])
  })

  it('undoes drift where it is told to', async () => {
    const stage = new Stage({ heal: true })
    stage.answers = [applied, drift, applied, clean]
    await stage.pass(21 * MINUTE)
    expect(stage.runs).toEqual(['apply one', 'plan one', 'apply one', 'plan one'])
  })

  it('never writes where it only plans', async () => {
    const stage = new Stage({ mode: 'plan', heal: true })
    stage.answers = [drift, drift, drift]
    await stage.pass(21 * MINUTE)
    expect(new Set(stage.runs)).toEqual(new Set(['plan one']))
  })

  it('plans a commit that comes outside of its window, and applies it when that opens', async () => {
    const windows = [{ is: 'deny', days: new Set([6]), from: 0, to: 12 * 60 + 30, timezone: 'UTC' }] as const
    const stage = new Stage({ windows })
    stage.answers = [drift, applied]
    await stage.pass(20 * MINUTE)
    expect(stage.runs).toEqual(['plan one'])
    expect(stage.records[0]).toMatchObject({ outcome: 'waiting', message: 'a window denies it' })
    expect(stage.watch.state.waitsFor).toBe('a window denies it')
    await stage.pass(15 * MINUTE)
    expect(stage.runs).toEqual(['plan one', 'apply one'])
    expect(stage.watch.state.waitsFor).toBeUndefined()
    expect((stage.records[1]?.begunAt.getTime() ?? 0) - start.getTime()).toBeGreaterThanOrEqual(30 * MINUTE)
  })

  it('lets no commit through whose signature does not count, and stays with the one before', async () => {
    const stage = new Stage({
      verify: commit =>
        Promise.resolve(commit.id === 'one' ? { is: 'signed', by: 'ada' } : { is: 'refused', why: 'the commit is not signed' }),
    })
    stage.answers = [applied]
    await stage.pass(MINUTE)
    stage.commit = 'forged'
    await stage.pass(15 * MINUTE)
    expect(stage.runs).toEqual(['apply one', 'plan one'])
    expect(stage.records[1]).toMatchObject({ outcome: 'unverified', message: 'the commit is not signed' })
    expect(stage.watch.state.current?.id).toBe('one')
  })

  it('asks nothing of a server on the word of a commit whose signature does not count', async () => {
    let attempts = 0
    const lock = {
      isHeld: true,
      until: Number.MAX_SAFE_INTEGER,
      every: 20 * SECOND,
      attempt: () => Promise.resolve({ is: 'held' as const, n: ++attempts }),
      release: () => Promise.resolve(),
    }
    const stage = new Stage({ lock, verify: () => Promise.resolve({ is: 'refused', why: 'the commit is not signed' }) })
    await stage.pass(5 * MINUTE)
    expect([attempts, stage.runs, stage.watch.state.trusted]).toEqual([0, [], undefined])
    expect(stage.records.map(it => it.outcome)).toEqual(['unverified'])
  })

  it('goes on with what it has while the repository cannot be read, and asks less often', async () => {
    const stage = new Stage()
    await stage.pass(MINUTE)
    stage.problem = new Error('no route to host')
    await stage.pass(10 * MINUTE)
    expect(stage.runs).toEqual(['apply one', 'plan one'])
    expect(stage.watch.state.lookProblem).toBe('no route to host')
    expect(stage.watch.state.lookFailures).toBeLessThanOrEqual(8)
    stage.problem = undefined
    stage.commit = 'two'
    stage.watch.wake()
    await stage.pass(SECOND)
    expect(stage.runs.at(-1)).toBe('apply two')
    expect(stage.watch.state.lookFailures).toBe(0)
  })

  it('looks at once when it is woken', async () => {
    const stage = new Stage()
    await stage.pass(SECOND)
    stage.commit = 'two'
    await stage.pass(10 * SECOND)
    expect(stage.runs).toEqual(['apply one'])
    stage.watch.wake()
    await stage.pass(0)
    expect(stage.runs).toEqual(['apply one', 'apply two'])
  })
})

describe('a watch beside others', () => {
  function lockOf(clock: ManualClock): WatchLock & { mine: boolean; released: number; attempts: number } {
    let until = 0
    const lock = {
      mine: true,
      released: 0,
      attempts: 0,
      every: 20 * SECOND,
      get until() {
        return until
      },
      get isHeld() {
        return clock.now().getTime() < until
      },
      attempt() {
        lock.attempts++
        until = lock.mine ? clock.now().getTime() + 48 * SECOND : 0
        return Promise.resolve(lock.mine ? ({ is: 'held' } as const) : ({ is: 'taken', by: 'the watch at elsewhere' } as const))
      },
      release() {
        lock.released++
        return Promise.resolve()
      },
    }
    return lock
  }

  it('stands by while another works, and sees for itself when it takes over', async () => {
    const clock = new ManualClock(start)
    const lock = lockOf(clock)
    const stage = new Stage({ clock, lock })
    Object.defineProperty(stage, 'clock', { value: clock })
    await stage.pass(MINUTE)
    lock.mine = false
    stage.commit = 'two'
    await stage.pass(30 * MINUTE)
    expect(stage.runs).toEqual(['apply one'])
    expect(stage.watch.state).toMatchObject({ leads: false, leader: 'the watch at elsewhere' })
    lock.mine = true
    await stage.pass(SECOND)
    expect(stage.runs).toEqual(['apply one', 'apply two'])
  })

  it('begins no further step once the lock is lost in the middle of a run', async () => {
    const clock = new ManualClock(start)
    const lock = lockOf(clock)
    const stage = new Stage({ clock, lock })
    Object.defineProperty(stage, 'clock', { value: clock })
    stage.during = () => {
      lock.mine = false
      clock.advance(21 * SECOND)
    }
    await stage.watch.cycle(stage.signal.signal)
    expect(stage.records.map(it => [it.outcome, it.message])).toEqual([['stopped', 'aborted']])
  })

  it('renews the lock while a run goes on', async () => {
    const clock = new ManualClock(start)
    const lock = lockOf(clock)
    const stage = new Stage({ clock, lock })
    Object.defineProperty(stage, 'clock', { value: clock })
    stage.answers = [applied]
    stage.during = () => clock.advance(21 * SECOND)
    await stage.watch.cycle(stage.signal.signal)
    expect(lock.attempts).toBe(2)
    expect(stage.records.map(it => it.outcome)).toEqual(['applied'])
  })

  it('gives the lock back at its end', async () => {
    const clock = new ManualClock(start)
    const lock = lockOf(clock)
    const stage = new Stage({ clock, lock })
    stage.during = () => stage.signal.abort()
    await stage.watch.run(stage.signal.signal)
    expect(lock.released).toBe(1)
    expect(stage.runs).toEqual(['apply one'])
  })
})
