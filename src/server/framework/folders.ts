/** Paths of engines that keep a record a path: which are records, which are folders, what lies below one. */
import type { View } from '../logical/index.ts'

/** No record has a name that is empty or ends in a slash: such a path is a folder. */
export const isRecord = (path: string): boolean => path !== '' && !path.endsWith('/')

/** A listing's path as the prefix of a view: '' or with its final slash. */
export const folderOf = (path: string): string => (path === '' || path.endsWith('/') ? path : `${path}/`)

/**
 * Every record below a folder, named from there, in the peer's order: the records of a folder before its folders, the
 * last folder first. So what is seen is not sorted, and clients that compare must sort.
 */
export async function everyName(view: View, folder: string): Promise<readonly string[]> {
  const at = view.sub(folder)
  const found: string[] = []
  const ahead = ['']
  for (let next = ahead.pop(); next !== undefined; next = ahead.pop()) {
    for (const name of await at.list(next)) (name.endsWith('/') ? ahead : found).push(next + name)
  }
  return found
}
