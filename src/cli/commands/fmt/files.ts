import { existsSync, statSync } from 'node:fs'
import { join, relative, resolve } from 'node:path'
import { managedFolder, policiesIn, policyFolders } from '../../../reconciler/files/index.ts'
import { CommandFailed, type Context } from '../../command.ts'

/** A policy file: where it is, and what messages call it. */
export interface PolicyFile {
  readonly path: string
  readonly name: string
}

/**
 * Files as they are named; of folders, every policy in and below them; without a path, the policies of the repository around the
 * current folder, those of its targets too.
 * @throws CommandFailed
 */
export function policyFiles(ctx: Context, paths: readonly string[]): readonly PolicyFile[] {
  const found = new Map<string, PolicyFile>()
  for (const name of paths.length === 0 ? ofRepository(ctx) : paths) {
    const path = resolve(ctx.cwd, name)
    if (!existsSync(path)) throw new CommandFailed(`cannot read ${name}: no such file or folder`)
    const files = statSync(path).isDirectory() ? below(path, name) : [{ path, name }]
    for (const file of files) if (!found.has(file.path)) found.set(file.path, file)
  }
  return [...found.values()]
}

function ofRepository({ cwd }: Context): readonly string[] {
  const root = managedFolder(cwd)
  if (root === undefined) throw new CommandFailed(`there is no managed repository around ${cwd}; name the files or folders`)
  return policyFolders(root).map(it => relative(cwd, it))
}

const below = (folder: string, name: string): readonly PolicyFile[] =>
  policiesIn(folder, managedFolder(folder)).map(path => ({ path, name: join(name, relative(folder, path)) }))
