/**
 * Keeps a target in lockstep with a branch for as long as it runs. One thing at a time:
 *
 *     look for a commit ─▶ its signature ─▶ am I the one who works? ─▶ new commit: window ─▶ apply (or plan)
 *                                                                  └▶ none, but the time has come: plan, and tell what drifted
 *
 * A commit is tried once. It is tried again, with growing pauses, only when the target or the network was at fault; what is wrong
 * with the commit stays wrong until there is another. Looking for drift keeps a rhythm of its own.
 */
import type { Clock, Log, Random } from '../../kernel/index.ts'
import type { Verdict } from '../git/index.ts'
import { delayBefore, type BackOff } from './back-off.ts'
import type { Attempt } from './leader-lock.ts'
import type { RunKind, RunRecord, RunResult, WatchedCommit } from './run.ts'
import { Waker } from './waker.ts'
import { standingInTheWay, type Window } from './window.ts'

export interface WatchRhythm {
  /** Milliseconds between two looks for a commit. */
  readonly look: number
  /** Milliseconds between two looks at the target while nothing is committed; 0: never. */
  readonly drift: number
  readonly retry: BackOff
}

/** The lock, with a way to the target. */
export interface WatchLock {
  readonly isHeld: boolean
  /** Milliseconds since 1970. */
  readonly until: number
  /** Milliseconds between two renewals. */
  readonly every: number
  attempt(): Promise<Attempt>
  release(): Promise<void>
}

export interface WatchOptions {
  readonly clock: Clock
  readonly random: Random
  readonly log: Log
  readonly rhythm: WatchRhythm
  readonly windows: readonly Window[]
  /** `plan`: nothing is ever written but the lock. */
  readonly mode: RunKind
  /** Undo what somebody changed on the target, and do not only tell. */
  readonly heal: boolean
  /** The newest commit. Rejects with words for people. */
  look(signal: AbortSignal): Promise<WatchedCommit>
  /** Absent: signatures are not asked for. */
  readonly verify?: (commit: WatchedCommit) => Promise<Verdict>
  /** Never rejects for what may go wrong with files, target or network. */
  run(kind: RunKind, commit: WatchedCommit, signal: AbortSignal): Promise<RunResult>
  /** Absent: there is no other watch. */
  readonly lock?: WatchLock
  onRun(record: RunRecord): void
  /** Anything that `state` tells has changed. */
  readonly onChange?: () => void
}

export interface WatchState {
  /** `undefined`: not yet known. */
  readonly leads: boolean | undefined
  /** Who works, when it is not us. */
  readonly leader: string | undefined
  readonly seen: WatchedCommit | undefined
  /** The newest one whose signature counts, where signatures are asked for. */
  readonly trusted: WatchedCommit | undefined
  /** The last one that was let through to the target. */
  readonly current: WatchedCommit | undefined
  /** Why the newest commit is not applied yet. */
  readonly waitsFor: string | undefined
  readonly retryAt: Date | undefined
  /** Looks in a row that failed, and what the last one said. */
  readonly lookFailures: number
  readonly lookProblem: string | undefined
  readonly lockProblem: string | undefined
  readonly lastCycle: Date | undefined
}

export class Watch {
  readonly #o: WatchOptions
  readonly #waker: Waker
  #seen: WatchedCommit | undefined
  #judged: string | undefined
  #trusted: WatchedCommit | undefined
  #handled: string | undefined
  #current: WatchedCommit | undefined
  #waiting: { readonly id: string; readonly why: string } | undefined
  #tries = 0
  #retryAt: number | undefined
  #driftAt = 0
  #lookAt = 0
  #lookFailures = 0
  #lookProblem: string | undefined
  #lockProblem: string | undefined
  #leader: string | undefined
  #isLeading = false
  #lastCycle: Date | undefined

  constructor(options: WatchOptions) {
    this.#o = options
    this.#waker = new Waker(options.clock)
  }

  get state(): WatchState {
    const { lock } = this.#o
    return {
      leads: lock === undefined ? true : this.#lastCycle === undefined ? undefined : lock.isHeld,
      leader: this.#leader,
      seen: this.#seen,
      trusted: this.#trusted,
      current: this.#current,
      waitsFor: this.#waiting?.why,
      retryAt: this.#retryAt === undefined ? undefined : new Date(this.#retryAt),
      lookFailures: this.#lookFailures,
      lookProblem: this.#lookProblem,
      lockProblem: this.#lockProblem,
      lastCycle: this.#lastCycle,
    }
  }

  /** There may be a commit: look at once. */
  wake(): void {
    this.#lookAt = 0
    this.#waker.ring()
  }

  /** Until the signal aborts; what runs then is waited for, and the lock is given back. */
  async run(signal: AbortSignal): Promise<void> {
    try {
      while (!signal.aborted) {
        await this.cycle(signal)
        await this.#waker.wait(this.#pause(), signal)
      }
    } finally {
      await this.end()
    }
  }

  /** Gives the lock back. */
  async end(): Promise<void> {
    await this.#release()
  }

  /** Everything that is due by now, once. */
  async cycle(signal: AbortSignal): Promise<void> {
    const now = this.#now()
    if (now >= this.#lookAt) await this.#look(signal)
    await this.#judge()
    // Until a commit is trusted nothing is asked of a server: where that is, and who logs in there, stands in the commit.
    this.#isLeading = !signal.aborted && this.#trusted !== undefined && (await this.#leads())
    if (this.#isLeading) await this.#work(signal)
    this.#lastCycle = new Date(this.#now())
    this.#o.onChange?.()
  }

  async #look(signal: AbortSignal): Promise<void> {
    const { rhythm, log, random } = this.#o
    try {
      this.#seen = await this.#o.look(signal)
      if (this.#lookFailures > 0) log.write('info', 'the repository can be read again')
      this.#lookFailures = 0
      this.#lookProblem = undefined
      this.#lookAt = this.#now() + rhythm.look
    } catch (thrown) {
      if (signal.aborted) return
      const problem = messageOf(thrown)
      if (problem !== this.#lookProblem) log.write('warn', 'cannot look for commits', { error: problem })
      this.#lookProblem = problem
      this.#lookAt = this.#now() + Math.max(rhythm.look, delayBefore(rhythm.retry, ++this.#lookFailures, random))
    }
  }

  /** Whether the newest commit may say anything. One that may not is told, and the one before it stays. */
  async #judge(): Promise<void> {
    const commit = this.#seen
    if (commit === undefined || commit.id === this.#judged) return
    const begun = this.#now()
    const verdict = await this.#o.verify?.(commit)
    this.#judged = commit.id
    if (verdict?.is !== 'refused') {
      this.#trusted = commit
      return
    }
    this.#waiting = undefined
    this.#record(this.#o.mode, commit, 'commit', begun, { outcome: 'unverified', message: verdict.why, mayRepeat: false })
  }

  async #leads(): Promise<boolean> {
    const { lock, log } = this.#o
    if (lock === undefined) return true
    const before = this.#leader
    const held = lock.isHeld
    try {
      const attempt = await lock.attempt()
      this.#lockProblem = undefined
      this.#leader = attempt.is === 'taken' ? attempt.by : undefined
      if (attempt.is === 'held' && !held) log.write('info', 'this watch works now')
      if (attempt.is === 'taken' && before !== attempt.by) log.write('info', 'another watch works', { leader: attempt.by })
      // Whoever takes over has to see for itself what is applied.
      if (attempt.is === 'taken') this.#handled = undefined
    } catch (thrown) {
      const problem = messageOf(thrown)
      if (problem !== this.#lockProblem) log.write('warn', 'the lock cannot be had', { error: problem })
      this.#lockProblem = problem
    }
    return lock.isHeld
  }

  async #work(signal: AbortSignal): Promise<void> {
    const { rhythm } = this.#o
    const commit = this.#trusted
    if (commit !== undefined && commit.id !== this.#handled) {
      const isRetry = this.#retryAt !== undefined && this.#current?.id === commit.id
      if (isRetry && this.#now() < (this.#retryAt ?? 0)) return
      if (!isRetry) {
        this.#tries = 0
        this.#retryAt = undefined
      }
      await this.#take(commit, isRetry ? 'retry' : 'commit', signal)
      return
    }
    if (this.#current === undefined || rhythm.drift === 0 || this.#now() < this.#driftAt) return
    await this.#lookForDrift(this.#current, signal)
  }

  async #take(commit: WatchedCommit, cause: 'commit' | 'retry', signal: AbortSignal): Promise<void> {
    const { windows, mode } = this.#o
    this.#current = commit
    const why = mode === 'apply' ? standingInTheWay(windows, new Date(this.#now())) : undefined
    if (why !== undefined) {
      if (this.#waiting?.id === commit.id) this.#waiting = { id: commit.id, why }
      else await this.#planMeanwhile(commit, why, cause, signal)
      return
    }
    this.#waiting = undefined
    this.#after(commit, await this.#do(mode, commit, cause, signal))
  }

  /** What it would do is told at once; what is right already needs no window. */
  async #planMeanwhile(commit: WatchedCommit, why: string, cause: 'commit' | 'retry', signal: AbortSignal): Promise<void> {
    const result = await this.#do('plan', commit, cause, signal, it =>
      it.outcome === 'drift' ? { ...it, outcome: 'waiting', message: why } : it,
    )
    if (result.outcome === 'waiting') this.#waiting = { id: commit.id, why }
    else this.#after(commit, result)
  }

  #after(commit: WatchedCommit, { mayRepeat }: RunResult): void {
    if (mayRepeat) return
    this.#handled = commit.id
    this.#tries = 0
    this.#retryAt = undefined
  }

  async #lookForDrift(commit: WatchedCommit, signal: AbortSignal): Promise<void> {
    const { mode, heal, windows } = this.#o
    const found = await this.#do('plan', commit, 'drift', signal)
    if (found.outcome !== 'drift' || !heal || mode !== 'apply') return
    if (standingInTheWay(windows, new Date(this.#now())) !== undefined) return
    await this.#do('apply', commit, 'drift', signal)
  }

  /** A run under the lock: should that be lost, no further step is begun. */
  async #do(
    kind: RunKind,
    commit: WatchedCommit,
    cause: RunRecord['cause'],
    signal: AbortSignal,
    seenAs: (result: RunResult) => RunResult = it => it,
  ): Promise<RunResult> {
    const { rhythm, random } = this.#o
    const begun = this.#now()
    const guarded = this.#guarded(signal)
    let result: RunResult
    try {
      result = seenAs(await this.#o.run(kind, commit, guarded.signal))
    } finally {
      guarded.end()
    }
    this.#driftAt = this.#now() + rhythm.drift
    if (result.mayRepeat && cause !== 'drift') this.#retryAt = this.#now() + delayBefore(rhythm.retry, ++this.#tries, random)
    this.#record(kind, commit, cause, begun, result)
    return result
  }

  #record(kind: RunKind, commit: WatchedCommit, cause: RunRecord['cause'], begun: number, { mayRepeat, ...result }: RunResult): void {
    const retryAt = mayRepeat && cause !== 'drift' ? this.#retryAt : undefined
    this.#o.onRun({
      ...result,
      kind,
      commit,
      cause,
      begunAt: new Date(begun),
      took: this.#now() - begun,
      ...(retryAt === undefined ? {} : { retryAt: new Date(retryAt) }),
    })
  }

  /** Renews the lock while something runs, and aborts when it cannot be held any longer. */
  #guarded(outer: AbortSignal): { readonly signal: AbortSignal; end(): void } {
    const { lock, clock, log } = this.#o
    if (lock === undefined) return { signal: outer, end: () => undefined }
    const lost = new AbortController()
    let cancel = (): void => undefined
    let isOver = false
    const renew = async (): Promise<void> => {
      await lock.attempt().catch((thrown: unknown) => void (this.#lockProblem = messageOf(thrown)))
      if (isOver) return
      if (lock.isHeld) schedule()
      else {
        log.write('error', 'the lock was lost while something was done: no further step is begun')
        lost.abort()
      }
    }
    const schedule = (): void => {
      cancel = clock.after(Math.max(0, Math.min(lock.every, lock.until - this.#now())), () => void renew())
    }
    schedule()
    return {
      signal: AbortSignal.any([outer, lost.signal]),
      end: () => {
        isOver = true
        cancel()
      },
    }
  }

  /** Milliseconds until something is due. */
  #pause(): number {
    const { rhythm, lock } = this.#o
    const now = this.#now()
    const due = [this.#lookAt]
    if (this.#isLeading && this.#retryAt !== undefined) due.push(this.#retryAt)
    if (this.#isLeading && this.#current?.id === this.#handled && rhythm.drift > 0 && this.#driftAt > 0) due.push(this.#driftAt)
    if (lock !== undefined) due.push(now + lock.every)
    return Math.max(SHORTEST_PAUSE, Math.min(...due) - now)
  }

  async #release(): Promise<void> {
    await this.#o.lock?.release().catch((thrown: unknown) => {
      this.#o.log.write('warn', 'the lock could not be given back; the next watch waits for its end', { error: messageOf(thrown) })
    })
  }

  #now(): number {
    return this.#o.clock.now().getTime()
  }
}

/** Whatever is due all the time must not keep the process busy. */
const SHORTEST_PAUSE = 50

const messageOf = (thrown: unknown): string => (thrown instanceof Error ? thrown.message : String(thrown))
