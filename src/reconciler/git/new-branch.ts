import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'

/** A file as it is to be committed, by its path in the managed folder; without text it is removed. */
export interface CommittedFile {
  readonly path: string
  readonly text: string | undefined
}

/** Runs Git with these arguments in that folder. */
export type RunGit = (folder: string, args: readonly string[]) => Promise<string>

/**
 * A commit on top of HEAD, and a branch that names it. Neither the work tree nor the index nor the branch that is checked out is
 * touched: the commit is made from the index of another work tree, into which nothing is checked out.
 *
 * @returns the commit's id
 */
export async function commitOnNewBranch(
  git: RunGit,
  root: string,
  prefix: string,
  branch: string,
  message: string,
  files: readonly CommittedFile[],
): Promise<string> {
  const work = await mkdtemp(join(tmpdir(), 'lockstep-branch-'))
  const tree = join(work, 'tree')
  const run = async (...args: readonly string[]): Promise<string> => (await git(tree, args)).trim()
  try {
    await git(root, ['check-ref-format', '--branch', branch])
    await git(root, ['worktree', 'add', '--quiet', '--no-checkout', '--detach', tree, 'HEAD'])
    const head = await run('rev-parse', '--verify', 'HEAD^{commit}')
    await run('read-tree', head)
    for (const [i, { path, text }] of files.entries()) {
      const name = `${prefix}${path}`
      if (text === undefined) {
        await run('update-index', '--force-remove', '--', name)
        continue
      }
      const source = join(work, `file-${i}`)
      await writeFile(source, text, { mode: 0o600 })
      const blob = await run('hash-object', '-w', '--no-filters', '--', source)
      await run('update-index', '--add', '--cacheinfo', `100644,${blob},${name}`)
    }
    const commit = await run('commit-tree', await run('write-tree'), '-p', head, '-m', message)
    // Zeros: the branch must not be there yet.
    await run('update-ref', `refs/heads/${branch}`, commit, '0'.repeat(head.length))
    return commit
  } finally {
    await git(root, ['worktree', 'remove', '--force', tree]).catch(() => undefined)
    await rm(work, { recursive: true, force: true })
  }
}
