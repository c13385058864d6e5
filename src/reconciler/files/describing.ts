import { existsSync, readdirSync } from 'node:fs'
import { join } from 'node:path'

/**
 * What the repository says of mounts and roles, and its settings: the paths of those files, relative to it, those of targets too.
 * Policies are not among them.
 */
export function describingFiles(root: string): readonly string[] {
  const found: string[] = []
  const walk = (folder: string): void => {
    for (const entry of readdirSync(join(root, folder), { withFileTypes: true })) {
      const path = `${folder}/${entry.name}`
      if (/^targets\/[^/]+\/policies$/.test(path)) continue
      if (entry.isDirectory()) walk(path)
      else if (entry.isFile()) found.push(path)
    }
  }
  for (const folder of ['roles', 'engines', 'targets']) if (existsSync(join(root, folder))) walk(folder)
  if (existsSync(join(root, 'lockstep.yaml'))) found.push('lockstep.yaml')
  return found.sort()
}
