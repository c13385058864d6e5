import { dirname, relative, sep } from 'node:path'
import { fileURLToPath } from 'node:url'
import { managedFolder } from '../reconciler/files/index.ts'

/** A document that is of interest, by what it describes. */
export interface Place {
  /** `policy`: a policy file. `describing`: what a repository says of mounts and roles, or its settings. */
  readonly kind: 'policy' | 'describing'
  /** Absent: it belongs to no repository. */
  readonly root: string | undefined
  /** What findings call it: its path in the repository, or the whole one. */
  readonly name: string
}

const DESCRIBING = /^(?:lockstep\.yaml|(?:targets\/[^/]+\/)?(?:(?:roles|engines)\/.+\.(?:yaml|hcl)|lockstep\.yaml))$/

/** Undefined for what the server has nothing to say of. A text that is not on the disk yet is a policy if its editor calls it HCL. */
export function placeOf(uri: string, languageId: string): Place | undefined {
  if (!uri.startsWith('file:')) return languageId === 'hcl' ? { kind: 'policy', root: undefined, name: uri } : undefined
  const path = fileURLToPath(uri)
  const root = rootAbove(path)
  const name = root === undefined ? path : relative(root, path).split(sep).join('/')
  if (root !== undefined && DESCRIBING.test(name)) return { kind: 'describing', root, name }
  return path.endsWith('.hcl') ? { kind: 'policy', root, name } : undefined
}

/** The folder of a new file may not be there yet. */
function rootAbove(path: string): string | undefined {
  for (let folder = dirname(path); ; folder = dirname(folder)) {
    try {
      return managedFolder(folder)
    } catch {
      if (dirname(folder) === folder) return undefined
    }
  }
}
