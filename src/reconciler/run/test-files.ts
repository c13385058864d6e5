import { readdir, readFile } from 'node:fs/promises'
import { join } from 'node:path'
import type { Diagnostic } from '../../kernel/index.ts'
import { readTestFile, type AccessTest } from '../access-tests/index.ts'
import { openRepository } from '../git/index.ts'
import { fileOf } from '../load/index.ts'
import { errorAt, fileRange, sortFindings, type RepositoryFile } from '../model/index.ts'
import { SourceUnusable, type SourceChoice } from './source.ts'

/** Where access tests are, in a managed repository. */
const FOLDER = 'tests'

export interface TestFiles {
  readonly tests: readonly AccessTest[]
  readonly files: readonly string[]
  readonly findings: readonly Diagnostic[]
}

/** All access tests of a repository, as they lie or as a commit has them. `only`: those at and below these paths of it. */
export async function readTestFiles(dir: string, source: SourceChoice, only: readonly string[] = []): Promise<TestFiles> {
  const found = source === 'worktree' ? await lying(dir) : await committed(dir, source.commit)
  const files = found.filter(it => isTestFile(it.path) && (only.length === 0 || only.some(path => isAtOrBelow(it.path, path))))
  const missing = only.filter(path => !files.some(it => isAtOrBelow(it.path, path)))
  if (missing.length > 0) throw new SourceUnusable(`there are no access tests at ${missing.join(', ')}`)
  const read = files.map(({ path, text, problem }) =>
    text === undefined
      ? { findings: [errorAt('LOAD0001', fileRange(path), problem ?? 'the file cannot be read')] }
      : readTestFile({ name: path, text }),
  )
  return {
    tests: read.flatMap(it => ('value' in it ? (it.value ?? []) : [])),
    files: files.map(it => it.path),
    findings: sortFindings(read.flatMap(it => it.findings)),
  }
}

const isTestFile = (path: string): boolean => path.endsWith('.yaml')
const isAtOrBelow = (path: string, folder: string): boolean => path === folder || path.startsWith(`${folder.replace(/\/$/, '')}/`)

async function lying(dir: string): Promise<readonly RepositoryFile[]> {
  const paths: string[] = []
  const walk = async (folder: string): Promise<void> => {
    for (const entry of await readdir(join(dir, folder), { withFileTypes: true })) {
      const path = `${folder}/${entry.name}`
      if (entry.isDirectory()) await walk(path)
      else if (entry.isFile()) paths.push(path)
    }
  }
  try {
    await walk(FOLDER)
  } catch (cause) {
    if ((cause as NodeJS.ErrnoException).code !== 'ENOENT') throw cause
  }
  return await Promise.all(paths.sort().map(async path => fileOf(path, await readFile(join(dir, path)))))
}

async function committed(dir: string, name: string): Promise<readonly RepositoryFile[]> {
  const repository = await openRepository(dir)
  const commit = await repository?.commit(name)
  if (repository === undefined || commit === undefined) throw new SourceUnusable(`there is no commit ${name} in ${dir}`)
  return await repository.files(commit, [FOLDER], fileOf)
}
