import { mkdir, readFile, rm, writeFile } from 'node:fs/promises'
import { dirname, join } from 'node:path'
import { openRepository } from '../git/index.ts'
import { SourceUnusable } from './source.ts'

/** A file to write, by its path in the managed folder; without text it is removed. */
export interface FileChange {
  readonly path: string
  readonly text: string | undefined
}

/** Those that would be overwritten: they are there, and say something else. */
export async function filesInTheWay(dir: string, changes: readonly FileChange[]): Promise<readonly string[]> {
  const found = await Promise.all(
    changes.map(async ({ path, text }) => {
      const before = await readFile(join(dir, path), 'utf8').catch(() => undefined)
      return before === undefined || before === text ? [] : [path]
    }),
  )
  return found.flat()
}

export async function writeFiles(dir: string, changes: readonly FileChange[]): Promise<void> {
  for (const { path, text } of changes) {
    const file = join(dir, path)
    if (text === undefined) {
      await rm(file, { force: true })
      continue
    }
    await mkdir(dirname(file), { recursive: true })
    await writeFile(file, text)
  }
}

/** As a commit on a branch of its own; the work tree stays as it is. */
export async function commitFiles(dir: string, branch: string, message: string, changes: readonly FileChange[]): Promise<string> {
  const repository = await openRepository(dir)
  if (repository === undefined) throw new SourceUnusable(`${dir} is in no Git repository, so there can be no branch ${branch}`)
  return await repository.commitOn(branch, message, changes)
}
