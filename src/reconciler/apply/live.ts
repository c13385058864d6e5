import {
  fingerprintOf,
  movedReader,
  noMoves,
  type Kind,
  type LiveObject,
  type Moves,
  type Step,
  type TargetReader,
} from '../model/index.ts'
import type { MovedObject } from './report.ts'

export interface Checked {
  readonly live?: LiveObject
  readonly moved?: MovedObject
}

/** Attributes with an answer of their own are read again exactly where the plan read them. */
export const extraOf = (step: Step): readonly string[] => [...new Set([...Object.keys(step.after ?? {}), ...step.hidden])]

/** The mounts that the steps move. */
export const movesOf = (steps: readonly Step[]): Moves =>
  new Map(steps.flatMap(it => (it.action === 'move' && it.movedFrom !== undefined ? [[it.address, it.movedFrom] as const] : [])))

/**
 * Reads the object of a step again, and compares it with what the plan saw.
 *
 * @param unmoved mounts that stand at their old places still
 */
export async function checkLive(reader: TargetReader, kind: Kind, step: Step, unmoved: Moves = noMoves): Promise<Checked> {
  const live = await kind.read(movedReader(reader, unmoved), step, extraOf(step))
  if (step.fingerprint === 'absent') return live === undefined ? {} : { live, moved: { step, now: 'created' } }
  if (live === undefined) return { moved: { step, now: 'deleted' } }
  return fingerprintOf(live.values, step.hidden) === step.fingerprint ? { live } : { live, moved: { step, now: 'changed' } }
}
