import { stat } from 'node:fs/promises'
import { dirname, join, resolve } from 'node:path'
import { mainFolders, settingsFile } from '../load/index.ts'

const exists = (path: string): Promise<boolean> =>
  stat(path).then(
    () => true,
    () => false,
  )

/** Besides lockstep.yaml, what tells a managed folder; a folder named `api` or `targets` alone could be anything. */
const SIGNS = [settingsFile, ...mainFolders]

/** The managed folder around a folder: the nearest one upwards that has lockstep.yaml or a folder of policies, roles or engines. */
export async function findManagedFolder(from: string): Promise<string | undefined> {
  for (let folder = resolve(from); ; folder = dirname(folder)) {
    for (const sign of SIGNS) if (await exists(join(folder, sign))) return folder
    if (await exists(join(folder, '.git'))) return undefined
    if (dirname(folder) === folder) return undefined
  }
}
