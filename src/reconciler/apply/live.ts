import { fingerprintOf, type Kind, type LiveObject, type Step, type TargetReader } from '../model/index.ts'
import type { MovedObject } from './report.ts'

export interface Checked {
  readonly live?: LiveObject
  readonly moved?: MovedObject
}

/** Attributes with an answer of their own are read again exactly where the plan read them. */
const extraOf = (step: Step): readonly string[] => [...new Set([...Object.keys(step.after ?? {}), ...step.hidden])]

/** Reads the object of a step again, and compares it with what the plan saw. */
export async function checkLive(reader: TargetReader, kind: Kind, step: Step): Promise<Checked> {
  const live = await kind.read(reader, step, extraOf(step))
  if (step.fingerprint === 'absent') return live === undefined ? {} : { live, moved: { step, now: 'created' } }
  if (live === undefined) return { moved: { step, now: 'deleted' } }
  return fingerprintOf(live.values, step.hidden) === step.fingerprint ? { live } : { live, moved: { step, now: 'changed' } }
}
