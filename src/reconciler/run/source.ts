import { readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { openRepository, type Repository } from '../git/index.ts'
import { fileOf, isManagedPath, managedFolders, readFolder, settingsFile } from '../load/index.ts'
import type { RepositoryFile, Source } from '../model/index.ts'

/** Which files a plan is made from: as they lie, or as a commit has them (`HEAD`, a branch, a tag, an id). */
export type SourceChoice = 'worktree' | { readonly commit: string }

export interface ReadSource {
  readonly source: Omit<Source, 'files'>
  readonly files: readonly RepositoryFile[]
}

/** What was asked for cannot be read. */
export class SourceUnusable extends Error {}

const managedPaths: readonly string[] = [...managedFolders, settingsFile]

export async function readSource(dir: string, choice: SourceChoice): Promise<ReadSource> {
  const repository = await openRepository(dir)
  if (choice !== 'worktree') {
    if (repository === undefined) throw new SourceUnusable(`${dir} is in no Git repository, so there is no commit ${choice.commit}`)
    return await readCommit(dir, repository, choice.commit)
  }
  if (repository === undefined) return { source: { kind: 'folder', dirty: [] }, files: await readFolderAt(dir) }
  const [files, head, dirty, remote] = await Promise.all([
    readFolderAt(dir),
    repository.commit('HEAD'),
    repository.dirty(managedPaths),
    repository.remote(),
  ])
  const source = {
    kind: 'worktree',
    ...(head === undefined ? {} : { commit: head.id, subject: head.subject }),
    ...(remote === undefined ? {} : { repository: remote }),
    dirty,
  } as const
  return { source, files }
}

async function readCommit(dir: string, repository: Repository, name: string): Promise<ReadSource> {
  const commit = await repository.commit(name)
  if (commit === undefined) throw new SourceUnusable(`there is no commit ${name} in ${dir}`)
  const [files, dirty, remote] = await Promise.all([
    repository.files(commit, managedPaths, fileOf),
    repository.dirty(managedPaths),
    repository.remote(),
  ])
  const source = {
    kind: 'commit',
    commit: commit.id,
    subject: commit.subject,
    ...(remote === undefined ? {} : { repository: remote }),
    dirty,
  } as const
  return { source, files: files.filter(it => isManagedPath(it.path)) }
}

/** lockstep.yaml alone, which has to be known before there is a target to look at. */
export async function readSettingsFile(dir: string, choice: SourceChoice): Promise<readonly RepositoryFile[]> {
  if (choice === 'worktree') {
    try {
      return [fileOf(settingsFile, await readFile(join(dir, settingsFile)))]
    } catch {
      // Absent is fine, and what else may be wrong with it is found when all files are read.
      return []
    }
  }
  const repository = await openRepository(dir)
  const commit = await repository?.commit(choice.commit)
  return repository === undefined || commit === undefined ? [] : await repository.files(commit, [settingsFile], fileOf)
}

async function readFolderAt(dir: string): Promise<readonly RepositoryFile[]> {
  try {
    return await readFolder(dir)
  } catch (cause) {
    throw new SourceUnusable(`the folder ${dir} cannot be read (${(cause as NodeJS.ErrnoException).code ?? 'unknown error'})`, { cause })
  }
}
