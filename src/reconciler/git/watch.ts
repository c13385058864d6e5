import { watch, type FSWatcher } from 'node:fs'
import { join } from 'node:path'
import type { Clock } from '../../kernel/index.ts'
import type { Commit, Repository } from './repository.ts'

export interface WatchOptions {
  readonly clock: Clock
  readonly signal: AbortSignal
  /** What was seen last; the first commit that differs is news. */
  readonly since: string | undefined
  /** Milliseconds from a sign of change to the look, since Git writes several files for one commit. */
  readonly settle?: number
  /** Milliseconds between looks without a sign: not every file system tells. */
  readonly poll?: number
  /** One at a time: while it works, the newest commit waits. Its rejection ends the watch. */
  onCommit(commit: Commit): Promise<void>
  /** Git could not be asked; the watch goes on. */
  onTrouble(error: unknown): void
}

const SETTLE = 60
const POLL = 2000

/**
 * Calls for every commit that HEAD comes to. HEAD changes by a commit, a pull, a reset or a checkout, and each of them writes
 * below the Git folder; so those files are watched, and a slow poll sees what a watch does not. Resolves when the signal aborts.
 */
export async function watchCommits(repository: Repository, options: WatchOptions): Promise<void> {
  const { clock, signal, settle = SETTLE, poll = POLL } = options
  let last = options.since
  const bell = new Bell(clock, settle, poll)
  const watchers = watchFolders(repository, () => bell.ring())
  const stop = (): void => bell.stop()
  signal.addEventListener('abort', stop, { once: true })
  try {
    while (!signal.aborted) {
      const commit = await headOf(repository, options)
      if (commit !== undefined && commit.id !== last) {
        last = commit.id
        await options.onCommit(commit)
        continue
      }
      if (!signal.aborted) await bell.wait()
    }
  } finally {
    signal.removeEventListener('abort', stop)
    for (const it of watchers) it.close()
    bell.stop()
  }
}

async function headOf(repository: Repository, { onTrouble }: WatchOptions): Promise<Commit | undefined> {
  try {
    return await repository.commit('HEAD')
  } catch (error) {
    onTrouble(error)
    return undefined
  }
}

function watchFolders({ gitDir, commonDir }: Repository, onChange: () => void): readonly FSWatcher[] {
  const places: readonly (readonly [string, boolean])[] = [
    // HEAD itself; the folder, since Git replaces the file.
    [gitDir, false],
    ...(commonDir === gitDir ? [] : [[commonDir, false] as const]),
    [join(commonDir, 'refs', 'heads'), true],
  ]
  return places.flatMap(([path, recursive]) => {
    try {
      const watcher = watch(path, { recursive, persistent: false }, (_event, name) => {
        // `index` changes with every `git status` of somebody, and tells nothing about HEAD.
        if (name === null || !/^(index|.*\.lock|.*~|FETCH_HEAD|COMMIT_EDITMSG)$/.test(name)) onChange()
      })
      // A folder that goes away ends its watch; the poll is there.
      watcher.on('error', () => watcher.close())
      return [watcher]
    } catch {
      return []
    }
  })
}

/** Wakes whoever waits: soon after a ring, or when it has been quiet for long. A ring that nobody waits for is kept. */
class Bell {
  readonly #clock: Clock
  readonly #settle: number
  readonly #poll: number
  #rung = false
  #wake: (() => void) | undefined
  #cancel: (() => void) | undefined

  constructor(clock: Clock, settle: number, poll: number) {
    this.#clock = clock
    this.#settle = settle
    this.#poll = poll
  }

  ring(): void {
    // The first ring of several counts, so that a folder which never rests cannot put us off for ever.
    if (this.#rung) return
    this.#rung = true
    if (this.#wake !== undefined) this.#sleep(this.#settle)
  }

  wait(): Promise<void> {
    // The clock's timers keep no process alive; whoever waits here wants to be there when it rings.
    const hold = setInterval(() => undefined, 2 ** 30)
    return new Promise(resolve => {
      this.#wake = () => {
        clearInterval(hold)
        this.#wake = undefined
        this.#rung = false
        resolve()
      }
      this.#sleep(this.#rung ? this.#settle : this.#poll)
    })
  }

  stop(): void {
    this.#cancel?.()
    this.#wake?.()
  }

  #sleep(ms: number): void {
    this.#cancel?.()
    this.#cancel = this.#clock.after(ms, () => this.#wake?.())
  }
}
