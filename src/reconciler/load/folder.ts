import { readdir, readFile } from 'node:fs/promises'
import { join } from 'node:path'
import type { RepositoryFile } from '../model/index.ts'
import { homeFolders } from './home-files.ts'

/** Where policies, auth mounts and secrets mounts are. */
export const mainFolders: readonly string[] = ['policies', 'roles', 'engines']

/** Where managed objects are described; nothing else in a repository is read. */
export const managedFolders: readonly string[] = [...mainFolders, ...homeFolders, 'api', 'targets']
export const settingsFile = 'lockstep.yaml'

export const isManagedPath = (path: string): boolean => path === settingsFile || managedFolders.some(it => path.startsWith(`${it}/`))

/** Files opened at once: enough to keep a disk busy, few enough for any limit of the system. */
const AT_ONCE = 64

const utf8 = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true })

/** The text of a file's bytes, or what is wrong with them. */
export function fileOf(path: string, bytes: Uint8Array): RepositoryFile {
  try {
    return { path, text: utf8.decode(bytes) }
  } catch {
    return { path, problem: 'the file is not UTF-8 text' }
  }
}

export const linkProblem = 'the file is a symbolic link, which is not followed; put the text itself here'

/**
 * The managed files of a folder as they lie on the disk. Every file of the managed folders is given, also what cannot be read:
 * whatever was left out here would look like something that somebody took away.
 */
export async function readFolder(dir: string): Promise<readonly RepositoryFile[]> {
  const found: { readonly path: string; readonly problem?: string }[] = []
  const walk = async (folder: string): Promise<void> => {
    for (const entry of await readdir(join(dir, folder), { withFileTypes: true })) {
      const path = `${folder}/${entry.name}`
      if (entry.isDirectory()) await walk(path)
      else found.push(entry.isFile() ? { path } : { path, problem: entry.isSymbolicLink() ? linkProblem : 'it is not a regular file' })
    }
  }
  for (const entry of await readdir(dir, { withFileTypes: true })) {
    if (entry.name === settingsFile) found.push(entry.isFile() ? { path: entry.name } : { path: entry.name, problem: linkProblem })
    if (!managedFolders.includes(entry.name)) continue
    if (entry.isDirectory()) await walk(entry.name)
    else found.push({ path: entry.name, problem: entry.isSymbolicLink() ? linkProblem : 'it is not a folder' })
  }
  const files: RepositoryFile[] = []
  let next = 0
  const worker = async (): Promise<void> => {
    for (let it = found[next++]; it !== undefined; it = found[next++]) files.push(await readOne(dir, it))
  }
  await Promise.all(Array.from({ length: Math.min(AT_ONCE, found.length) }, worker))
  return files.sort((a, b) => (a.path < b.path ? -1 : 1))
}

async function readOne(dir: string, { path, problem }: { readonly path: string; readonly problem?: string }): Promise<RepositoryFile> {
  if (problem !== undefined) return { path, problem }
  try {
    return fileOf(path, await readFile(join(dir, path)))
  } catch (cause) {
    return { path, problem: `the file cannot be read: ${(cause as NodeJS.ErrnoException).code ?? 'unknown error'}` }
  }
}
