/**
 * What Git says of a managed folder: which commit, what is not committed, the files of a commit, and when there is a new one. The
 * only importer of simple-git. Reads, and writes nothing but a new branch where it is told to; must never run what a repository
 * brings along.
 */
export { GitFailed, openRepository, type Commit, type Repository } from './repository.ts'
export { type CommittedFile } from './new-branch.ts'
export { watchCommits, type WatchOptions } from './watch.ts'
