import { type Diagnostic } from '../../kernel/index.ts'
import { loadWorkspace, settingsFile } from '../load/index.ts'
import { type Settings } from '../model/index.ts'
import { readSource, type SourceChoice } from './source.ts'

export interface ReadSettings {
  readonly settings: Settings
  readonly findings: readonly Diagnostic[]
  readonly isBroken: boolean
}

/** lockstep.yaml alone: what has to be known before there is a client to plan with. */
export async function readSettings(dir: string, choice: SourceChoice, now: Date): Promise<ReadSettings> {
  const { files } = await readSource(dir, choice)
  return loadWorkspace(
    files.filter(it => it.path === settingsFile),
    { now },
  )
}
