import type { Digest } from './values.ts'

/** One file of the managed folders, by its path relative to the repository with `/` between names. */
export interface RepositoryFile {
  readonly path: string
  /** Absent: it cannot be taken, and `problem` says why. */
  readonly text?: string
  readonly problem?: string
}

/** Where the files of a plan come from. */
export interface Source {
  /** `commit`: as committed; `worktree`: a Git work tree as it lies; `folder`: there is no Git. */
  readonly kind: 'commit' | 'worktree' | 'folder'
  /** The commit that was read, or on top of which the work tree lies; absent for a folder and before the first commit. */
  readonly commit?: string
  /** The subject of that commit. */
  readonly subject?: string
  /** The Git remote, without credentials: what the ledger keeps to tell two repositories apart. */
  readonly repository?: string
  /** Files in the managed folders that differ from the commit. */
  readonly dirty: readonly string[]
  /** Over the names and texts of all files that were read. */
  readonly files: Digest
}
