import type { MountType } from '../shapes/index.ts'
import { homes, mountTypeOf, type Section } from '../shapes/index.ts'

/** A section of what every server has, by the path of the file that describes it: `quotas/rate-limit`. */
export interface HomeSection {
  readonly home: 'sys' | 'identity'
  readonly type: MountType
  readonly key: string
  readonly section: Section
}

export const homeSections: readonly HomeSection[] = homes.flatMap(({ home, type: name }) => {
  const type = mountTypeOf(home, name)
  return type === undefined ? [] : Object.entries(type.sections).map(([key, section]) => ({ home, type, key, section }))
})

/** The folders at the top of a repository in which they are. */
export const homeFolders: readonly string[] = [...new Set(homeSections.map(({ key }) => key.split('/')[0] ?? ''))].sort()

export interface HomeFile extends HomeSection {
  /** Of the one object that the file describes; absent: all of the section. */
  readonly name?: string
}

/** Which section a file describes, or which object of one; `path` without its ending. */
export function homeFileAt(path: string): HomeFile | undefined {
  for (const it of homeSections) {
    // What has a folder of its own at the top is one object a file.
    if (path === it.key && path.includes('/')) return it
    const rest = path.startsWith(`${it.key}/`) && it.section.is === 'collection' ? path.slice(it.key.length + 1) : ''
    if (rest !== '' && !rest.includes('/')) return { ...it, name: rest }
  }
  return undefined
}
