/**
 * What Git says of a managed folder: which commit, what is not committed, the files of a commit, and when there is a new one. The
 * only importer of simple-git. Reads, and writes nothing but a new branch and a clone of its own where it is told to; must never run
 * what a repository brings along.
 */
export { cloneOf, type Clone, type CloneOptions } from './clone.ts'
export { GitFailed, openRepository, type Commit, type Repository } from './repository.ts'
export { type CommittedFile } from './new-branch.ts'
export { type GitEnv } from './run-git.ts'
export { verifyCommit, type Signers, type Verdict } from './signature.ts'
export { watchCommits, type WatchOptions } from './watch.ts'
