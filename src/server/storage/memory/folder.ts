import { compareUtf8 } from '../../../kernel/index.ts'

/** A folder of the tree. A record and a folder may have the same name: `a` and `a/` are two children. */
export interface Folder {
  readonly records: Map<string, Uint8Array>
  readonly folders: Map<string, Folder>
  /** Sorted names of the children, kept until one comes or goes. */
  names?: readonly string[] | undefined
}

export const newFolder = (): Folder => ({ records: new Map(), folders: new Map() })

export function getRecord(root: Folder, key: string): Uint8Array | undefined {
  const { way, name } = split(key)
  return follow(root, way).at(way.length)?.records.get(name)
}

export function putRecord(root: Folder, key: string, value: Uint8Array): void {
  const { way, name } = split(key)
  let folder = root
  for (const each of way) {
    let next = folder.folders.get(each)
    if (next === undefined) {
      next = newFolder()
      folder.folders.set(each, next)
      folder.names = undefined
    }
    folder = next
  }
  if (!folder.records.has(name)) folder.names = undefined
  folder.records.set(name, value)
}

/** Folders that hold nothing any more go as well. */
export function deleteRecord(root: Folder, key: string): void {
  const { way, name } = split(key)
  const passed = follow(root, way)
  const last = passed.at(way.length)
  if (last === undefined || !last.records.delete(name)) return
  last.names = undefined
  for (let depth = way.length; depth > 0; depth--) {
    const folder = passed[depth] as Folder
    if (folder.records.size > 0 || folder.folders.size > 0) return
    const parent = passed[depth - 1] as Folder
    parent.folders.delete(way[depth - 1] as string)
    parent.names = undefined
  }
}

/** The children of a prefix ('' or ending in '/'), in byte order. */
export function childrenOf(root: Folder, prefix: string): readonly string[] {
  const { way } = split(prefix)
  const folder = follow(root, way).at(way.length)
  if (folder === undefined) return []
  folder.names ??= [...folder.records.keys(), ...folder.folders.keys().map(name => `${name}/`)].sort(compareUtf8)
  return folder.names
}

/** Every record below a folder, with its whole key. */
export function* recordsOf(folder: Folder, prefix: string = ''): Generator<readonly [key: string, value: Uint8Array]> {
  for (const [name, value] of folder.records) yield [prefix + name, value]
  for (const [name, below] of folder.folders) yield* recordsOf(below, `${prefix}${name}/`)
}

/** `a/b/c` is the record `c` behind the folders `a` and `b`. */
function split(key: string): { readonly way: readonly string[]; readonly name: string } {
  const parts = key.split('/')
  return { name: parts.pop() as string, way: parts }
}

/** The folders along the way, the root first; fewer than asked for when it ends before. */
function follow(root: Folder, way: readonly string[]): readonly Folder[] {
  const passed = [root]
  for (const name of way) {
    const next = passed.at(-1)?.folders.get(name)
    if (next === undefined) break
    passed.push(next)
  }
  return passed
}
