import { invariant } from '../../kernel/index.ts'
import {
  equalJson,
  isMountAddress,
  statusOf,
  touchesTarget,
  type Address,
  type Kind,
  type Kinds,
  type LiveObject,
  type Step,
  type TargetWriter,
  type Values,
} from '../model/index.ts'
import { checkLive, movesOf } from './live.ts'
import type { MovedObject } from './report.ts'

export interface StepPorts {
  readonly writer: TargetWriter
  readonly kinds: Kinds
  readonly compareAndSet: boolean
  /** What the references of a step stand for, canonical. Secret. */
  readonly secrets: ReadonlyMap<Address, Values>
  /** Waits so many milliseconds. */
  readonly pause: (ms: number) => Promise<void>
}

export type StepResult =
  | { readonly is: 'done' }
  | { readonly is: 'moved'; readonly moved: MovedObject }
  | { readonly is: 'failed'; readonly message: string; readonly isUnknown: boolean }

/** Mounts that this apply has made or changed: what is on them is as it made them, and not as the plan saw it. */
export type TouchedMounts = ReadonlyMap<Address, Step['action']>

export function kindOf(kinds: Kinds, step: Step): Kind {
  const kind = kinds[step.kind]
  invariant(kind, `there is a kind ${step.kind}`)
  return kind
}

/** One step: look again, write, and when the write failed find out what it did. */
export async function runStep(ports: StepPorts, step: Step, touched: TouchedMounts): Promise<StepResult> {
  if (!touchesTarget(step)) return { is: 'done' }
  const kind = kindOf(ports.kinds, step)
  try {
    const { live, moved } = needsLook(ports, kind, step, touched) ? await checkLive(ports.writer, kind, step, movesOf([step])) : {}
    if (moved !== undefined) return { is: 'moved', moved }
    try {
      await write(ports, kind, step, live)
      return { is: 'done' }
    } catch (error) {
      return await settle(ports, kind, step, error)
    }
  } catch (error) {
    return { is: 'failed', message: messageOf(error), isUnknown: false }
  }
}

export const messageOf = (error: unknown): string => (error instanceof Error ? error.message : String(error))

function needsLook({ compareAndSet }: StepPorts, kind: Kind, step: Step, touched: TouchedMounts): boolean {
  const mount = step.mount === undefined ? undefined : touched.get(step.mount)
  if (mount === 'create' || mount === 'replace') return false
  if (mount !== undefined && kind.isPermanent(step) && step.fingerprint === 'absent') return false
  return !(step.action === 'create' && kind.createsOnly(compareAndSet))
}

async function write(
  { writer, secrets, compareAndSet, pause }: StepPorts,
  kind: Kind,
  step: Step,
  live: LiveObject | undefined,
): Promise<void> {
  const values = { ...step.after, ...secrets.get(step.address) }
  const change = { subject: step, values, changed: step.changed, compareAndSet, ...(live === undefined ? {} : { live }) }
  switch (step.action) {
    case 'create':
      return await kind.create(writer, change)
    case 'update':
      return await kind.update(writer, change)
    case 'move':
      return await kind.move?.(writer, change, step.movedFrom as Address, pause)
    case 'replace':
      await kind.remove(writer, step)
      return await kind.create(writer, { subject: step, values, changed: Object.keys(values), compareAndSet })
    case 'delete':
      return await kind.remove(writer, step)
    default:
      return undefined
  }
}

/**
 * A write that was refused may have lost a race; one without an answer may have been carried out. Both are told by looking again.
 * A replacement and a move are not: a first half may be done, so whatever is there now is reported.
 */
async function settle({ writer }: StepPorts, kind: Kind, step: Step, error: unknown): Promise<StepResult> {
  const message = messageOf(error)
  const status = statusOf(error)
  if (step.action === 'replace' || step.action === 'move') return { is: 'failed', message, isUnknown: true }
  if (status !== undefined && status !== 400 && status < 500) return { is: 'failed', message, isUnknown: false }
  try {
    const { live, moved } = await checkLive(writer, kind, step)
    if (isAsWanted(kind, step, live)) return { is: 'done' }
    // A config that came with a mount of this very apply is there, whatever the plan saw.
    const isNews = moved !== undefined && !(step.fingerprint === 'absent' && kind.isPermanent(step))
    // Without an answer, a mount that is just as it was to be made is most likely this one; the intent in the ledger keeps it ours.
    if (isNews && status === undefined && step.action === 'create' && hasAll(kind, step, live))
      return { is: 'failed', message, isUnknown: true }
    if (isNews) return { is: 'moved', moved }
    return { is: 'failed', message, isUnknown: false }
  } catch {
    return { is: 'failed', message, isUnknown: status === undefined || status >= 500 }
  }
}

function isAsWanted(kind: Kind, step: Step, live: LiveObject | undefined): boolean {
  if (step.action === 'delete') return live === undefined
  // What is hidden cannot be judged here, and a mount that somebody else just made is not ours although it looks alike.
  const isHidden = step.hidden.length > 0 || kind.unread(step).tracked.some(name => step.after?.[name] !== undefined)
  return !isHidden && !isMountAddress(step.address) && hasAll(kind, step, live)
}

function hasAll(kind: Kind, step: Step, live: LiveObject | undefined): boolean {
  const { tracked, said } = kind.unread(step)
  const unseen = new Set([...step.hidden, ...tracked, ...said])
  return live !== undefined && Object.entries(step.after ?? {}).every(([name, it]) => unseen.has(name) || equalJson(it, live.values[name]))
}
