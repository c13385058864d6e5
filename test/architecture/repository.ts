import { execFileSync } from 'node:child_process'
import { lstatSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'

/** The repository as these tests see it: paths from its root, with forward slashes. */
const root: string = fileURLToPath(new URL('../../', import.meta.url))

/** Everything that is or would be in the next commit: tracked or new, not ignored, not just deleted. */
export const files: readonly string[] = execFileSync('git', ['ls-files', '--cached', '--others', '--exclude-standard', '-z'], {
  cwd: root,
  encoding: 'utf8',
  maxBuffer: 64 * 1024 * 1024,
})
  .split('\0')
  .filter(path => lstatSync(join(root, path), { throwIfNoEntry: false })?.isFile())
  .toSorted()

export function under(folder: string, ending = '.ts'): readonly string[] {
  return files.filter(path => path.startsWith(`${folder}/`) && path.endsWith(ending))
}

export function read(path: string): string {
  return readFileSync(join(root, path), 'utf8')
}

/** The folders directly below `folder` that hold TypeScript. */
export function foldersIn(folder: string): readonly string[] {
  const depth = folder.split('/').length
  const nested = under(folder).flatMap(path => path.split('/').slice(0, -1)[depth] ?? [])
  return [...new Set(nested)].map(name => `${folder}/${name}`)
}
