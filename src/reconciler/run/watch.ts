import { type Clock } from '../../kernel/index.ts'
import { openRepository, watchCommits, type Commit } from '../git/index.ts'
import { managedFolders, settingsFile } from '../load/index.ts'
import { SourceUnusable } from './source.ts'

export interface WatchRepositoryOptions {
  readonly dir: string
  readonly clock: Clock
  readonly signal: AbortSignal
  /** The commit that is applied already; absent: the first look calls for HEAD. */
  readonly since?: string
  /** `dirty`: files in the managed folders that are not committed, so not part of it. One call at a time. */
  onCommit(commit: Commit, dirty: readonly string[]): Promise<void>
  onTrouble(error: unknown): void
}

/**
 * Calls for every new commit of the repository around a folder, within half a second of it. Resolves when the signal aborts.
 * @throws SourceUnusable when there is no Git repository
 */
export async function watchRepository(options: WatchRepositoryOptions): Promise<void> {
  const repository = await openRepository(options.dir)
  if (repository === undefined) throw new SourceUnusable(`${options.dir} is in no Git repository, so there are no commits to watch for`)
  await watchCommits(repository, {
    clock: options.clock,
    signal: options.signal,
    since: options.since,
    onCommit: async commit => await options.onCommit(commit, await repository.dirty([...managedFolders, settingsFile])),
    onTrouble: error => options.onTrouble(error),
  })
}

/** The commit that a folder stands on, and what is not committed; undefined outside of any Git repository. */
export async function headOf(dir: string): Promise<{ readonly commit?: Commit; readonly dirty: readonly string[] } | undefined> {
  const repository = await openRepository(dir)
  if (repository === undefined) return undefined
  const [commit, dirty] = await Promise.all([repository.commit('HEAD'), repository.dirty([...managedFolders, settingsFile])])
  return { ...(commit === undefined ? {} : { commit }), dirty }
}
