import { stat } from 'node:fs/promises'
import { dirname, join, resolve } from 'node:path'
import type { SimpleGit } from 'simple-git'
import type { RepositoryFile } from '../model/index.ts'
import { commitOnNewBranch, type CommittedFile } from './new-branch.ts'
import { publicAddress } from './remote.ts'
import { blobsOf, type Blob } from './tree.ts'

export interface Commit {
  readonly id: string
  readonly subject: string
}

/** The Git repository around a managed folder. */
export interface Repository {
  /** Where Git keeps its own files: those of this work tree, and those that several work trees share. */
  readonly gitDir: string
  readonly commonDir: string
  /** The commit that a name means; undefined when there is none, as before the first commit. */
  commit(name: string): Promise<Commit | undefined>
  /** Files of the managed folder that differ from HEAD, new ones too, by their path in it. */
  dirty(paths: readonly string[]): Promise<readonly string[]>
  /** The files of a commit below these paths of the managed folder, as they were committed. */
  files(
    commit: Commit,
    paths: readonly string[],
    read: (path: string, bytes: Uint8Array) => RepositoryFile,
  ): Promise<readonly RepositoryFile[]>
  /** A commit of these files on top of HEAD, on a branch that must not be there yet; the work tree stays as it is. The commit's id. */
  commitOn(branch: string, message: string, files: readonly CommittedFile[]): Promise<string>
  /** Where the repository comes from, without credentials; undefined for one that was made here. */
  remote(): Promise<string | undefined>
}

/** There is a repository, and Git will not or cannot work with it. */
export class GitFailed extends Error {}

const firstLine = (error: unknown): string => (error instanceof Error ? error.message : String(error)).trim().split('\n')[0] ?? ''

/** Whether some folder above holds a `.git`: then a failing Git is a failure, and not the absence of a repository. */
async function isInsideRepository(dir: string): Promise<boolean> {
  for (let folder = resolve(dir); ; folder = dirname(folder)) {
    if (
      await stat(join(folder, '.git')).then(
        () => true,
        () => false,
      )
    )
      return true
    if (dirname(folder) === folder) return false
  }
}

/**
 * Undefined: the folder is in no Git repository.
 * @throws GitFailed
 */
export async function openRepository(dir: string): Promise<Repository | undefined> {
  if (!(await isInsideRepository(dir))) return undefined
  // Loaded where there is a repository: folders without one, and commands that only read lockstep.yaml, do without.
  const { simpleGit } = await import('simple-git')
  const git = simpleGit({ baseDir: dir, maxConcurrentProcesses: 6 })
  try {
    const [, gitDir = '', commonDir = ''] = lines(await git.raw(['rev-parse', '--show-toplevel', '--git-dir', '--git-common-dir']))
    const prefix = (await git.raw(['rev-parse', '--show-prefix'])).replace(/\n$/, '')
    return new GitRepository(git, prefix, resolve(dir, gitDir), resolve(dir, commonDir))
  } catch (cause) {
    throw new GitFailed(`Git cannot read the repository around ${dir}: ${firstLine(cause)}`, { cause })
  }
}

const lines = (text: string): readonly string[] => text.split('\n')

class GitRepository implements Repository {
  readonly gitDir: string
  readonly commonDir: string
  readonly #git: SimpleGit
  /** Of the managed folder in the repository: '' or `sub/folder/`. */
  readonly #prefix: string

  constructor(git: SimpleGit, prefix: string, gitDir: string, commonDir: string) {
    this.#git = git
    this.#prefix = prefix
    this.gitDir = gitDir
    this.commonDir = commonDir
  }

  async commit(name: string): Promise<Commit | undefined> {
    // A name that begins with a dash would be an option.
    if (name.startsWith('-')) return undefined
    let id: string
    try {
      id = (await this.#git.raw(['rev-parse', '--verify', '--quiet', `${name}^{commit}`])).trim()
    } catch {
      return undefined
    }
    if (id === '') return undefined
    const subject = await this.#run(['log', '-1', '--no-show-signature', '--format=%s', id, '--'])
    return { id, subject: subject.trimEnd() }
  }

  async dirty(paths: readonly string[]): Promise<readonly string[]> {
    const text = await this.#run(['status', '--porcelain=v1', '-z', '--untracked-files=all', '--no-renames', '--', ...paths])
    return text
      .split('\0')
      .filter(it => it !== '')
      .map(it => it.slice(3 + this.#prefix.length))
      .sort()
  }

  async files(
    commit: Commit,
    paths: readonly string[],
    read: (path: string, bytes: Uint8Array) => RepositoryFile,
  ): Promise<readonly RepositoryFile[]> {
    const tree = await this.#run(['ls-tree', '-r', '-l', '-z', '--full-tree', commit.id, '--', ...paths.map(it => this.#prefix + it)])
    const blobs = blobsOf(tree, this.#prefix)
    const bytes = await this.#bytesOf(blobs)
    return blobs.map(({ path, id, problem }) => {
      const found = bytes.get(id)
      if (problem !== undefined || found === undefined) return { path, problem: problem ?? 'the file is missing from the repository' }
      return read(path, found)
    })
  }

  /**
   * Many blobs by one process: their bytes come one after the other, and the tree has told how many each has. Not `git archive`,
   * which leaves out what .gitattributes tells it to; a file that is left out is an object that is deleted.
   */
  async #bytesOf(blobs: readonly Blob[]): Promise<ReadonlyMap<string, Uint8Array>> {
    const wanted = [...new Map(blobs.filter(it => it.problem === undefined).map(it => [it.id, it.size]))]
    const bytes = new Map<string, Uint8Array>()
    for (let at = 0; at < wanted.length; at += AT_ONCE) {
      const batch = wanted.slice(at, at + AT_ONCE)
      const all = await this.#attempt(() => this.#git.showBuffer(batch.map(([id]) => id)))
      let from = 0
      for (const [id, size] of batch) {
        bytes.set(id, all.subarray(from, from + size))
        from += size
      }
      if (from !== all.length) throw new GitFailed('Git gave another number of bytes than the tree names')
    }
    return bytes
  }

  commitOn(branch: string, message: string, files: readonly CommittedFile[]): Promise<string> {
    return this.#attempt(async () => {
      const root = (await this.#git.raw(['rev-parse', '--show-toplevel'])).trim()
      const { simpleGit } = await import('simple-git')
      // No hook of the repository is run.
      const run = (baseDir: string, args: readonly string[]): Promise<string> => simpleGit({ baseDir }).raw([...args])
      return await commitOnNewBranch(run, root, this.#prefix, branch, message, files)
    })
  }

  async remote(): Promise<string | undefined> {
    const url = await this.#git.raw(['config', '--get', 'remote.origin.url']).catch(() => '')
    return publicAddress(url.trim())
  }

  #run(args: readonly string[]): Promise<string> {
    return this.#attempt(() => this.#git.raw([...args]))
  }

  async #attempt<T>(work: () => Promise<T>): Promise<T> {
    try {
      return await work()
    } catch (cause) {
      throw new GitFailed(`Git failed: ${firstLine(cause)}`, { cause })
    }
  }
}

/** Object names on one command line: 41 bytes each, far below any system's limit. */
const AT_ONCE = 1000
