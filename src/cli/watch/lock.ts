import { readSettings } from '../../reconciler/index.ts'
import { LeaderLock, type WatchedCommit, type WatchLock } from '../../reconciler/watch/index.ts'
import { withSession, type RunPorts } from './run-once.ts'

export interface SessionLockOptions extends Pick<RunPorts, 'ctx' | 'given'> {
  readonly dir: string
  /** Milliseconds. */
  readonly term: number
  readonly id: string
  readonly host: string
  /** Whose settings say where the target is: one whose signature counts, since a token is sent there. */
  readonly commit: () => WatchedCommit | undefined
  readonly signal: AbortSignal
}

/** The lock of whoever owns the objects, taken and renewed by sessions of its own, so that a token that ends in between ends nothing. */
export function sessionLock(options: SessionLockOptions): WatchLock {
  const { ctx, given, term, id, host, dir } = options
  let lock: LeaderLock | undefined
  const asked = async <T>(work: (lock: LeaderLock, writer: Parameters<LeaderLock['attempt']>[0]) => Promise<T>): Promise<T> => {
    const commit = options.commit()
    if (commit === undefined) throw new Error('no commit is known yet, so neither is the server')
    if (lock === undefined) {
      const settings = await readSettings(dir, { commit: commit.id }, ctx.clock.now())
      lock = new LeaderLock({ owner: settings.ownership.owner, id, host, clock: ctx.clock, term })
    }
    const held = lock
    return await withSession({ ctx, given }, commit, new AbortController().signal, ({ writer }) => work(held, writer))
  }
  return {
    every: term / 3,
    get isHeld() {
      return lock?.isHeld ?? false
    },
    get until() {
      return lock?.until ?? 0
    },
    attempt: () => asked((it, writer) => it.attempt(writer)),
    async release() {
      if (lock !== undefined) await asked((it, writer) => it.release(writer))
    },
  }
}
