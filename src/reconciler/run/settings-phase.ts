import { loadWorkspace } from '../load/index.ts'
import type { Settings } from '../model/index.ts'
import { readSettingsFile, type SourceChoice } from './source.ts'

/** What lockstep.yaml says, or the defaults where it says nothing that can be read; planning tells what is wrong with it. */
export async function readSettings(dir: string, choice: SourceChoice, now: Date): Promise<Settings> {
  return loadWorkspace(await readSettingsFile(dir, choice), { now }).settings
}
