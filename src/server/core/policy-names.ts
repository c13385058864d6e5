/** How policies are named, by people and in the store. */
import type { View } from '../logical/index.ts'

export const normal = (name: string): string => name.trim().toLowerCase()

/** Names may be anything (`.`, blanks, slashes in odd places): each segment is made safe as a storage key. */
export const storageName = (name: string): string =>
  name
    .split('/')
    .map(it => `p${encodeURIComponent(it)}`)
    .join('/')
export const policyName = (key: string): string =>
  key
    .split('/')
    .map(it => decodeURIComponent(it.slice(1)))
    .join('/')

/** Level by level: what lies deeper comes later, as the peer lists. */
export async function namesByLevel(view: View): Promise<readonly string[]> {
  const found: string[] = []
  for (let folders = ['']; folders.length > 0;) {
    const deeper: string[] = []
    for (const folder of folders) {
      for (const name of await view.list(folder)) {
        if (name.endsWith('/')) deeper.push(folder + name)
        else found.push(folder + name)
      }
    }
    folders = deeper
  }
  return found
}

/** Trimmed, lower case, without doubles, sorted; `root` swallows the others. */
export function sanitizePolicies(policies: readonly string[], addDefault: boolean): readonly string[] {
  const set = new Set<string>()
  for (const raw of policies) {
    const name = normal(raw)
    if (name === 'root') return ['root']
    if (name !== '') set.add(name)
  }
  if (addDefault) set.add('default')
  return [...set].sort((a, b) => Buffer.compare(Buffer.from(a), Buffer.from(b)))
}
