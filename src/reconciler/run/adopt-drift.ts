import { driftFiles } from '../adopt/index.ts'
import { touchesTarget, type Plan, type Step } from '../model/index.ts'
import { readSource } from './source.ts'
import type { FileChange } from './write-files.ts'

export interface DriftAdopted {
  /** Files to write; without text, to remove. */
  readonly files: readonly FileChange[]
  readonly left: readonly { readonly step: Step; readonly why: string }[]
}

/** The drift of a plan turned round: what has to change in the files for them to say what stands on the target. */
export async function adoptDrift(plan: Plan, dir: string): Promise<DriftAdopted> {
  const { files } = await readSource(dir, 'worktree')
  // What was only ever in the files is a commit that waits to be applied, and no drift.
  const drifted = plan.steps.filter(it => touchesTarget(it) && (it.moved === 'target' || it.moved === 'both') && it.action !== 'delete')
  const made = driftFiles(drifted, files)
  return { files: [...made.files].map(([path, text]) => ({ path, text })), left: made.left }
}
