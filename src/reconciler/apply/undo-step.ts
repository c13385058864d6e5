import {
  equalJson,
  fingerprintOf,
  touchesTarget,
  type Address,
  type Kind,
  type LiveObject,
  type Step,
  type Subject,
  type Values,
} from '../model/index.ts'
import { extraOf } from './live.ts'
import { kindOf, messageOf, type StepPorts } from './run-step.ts'

/** `kept`: it is not as it was before the apply, and why. */
export type Undone = { readonly is: 'undone' } | { readonly is: 'kept'; readonly why: string }

/** Why a step cannot be taken back once it is done; undefined when it can. */
export function whyFinal(kind: Kind, step: Step): string | undefined {
  switch (step.action) {
    case 'create':
      return kind.keeps(step)
    case 'update':
      if (step.changed.some(it => step.hidden.includes(it) || kind.unread(step).tracked.includes(it)))
        return 'the secret that it had before is not known'
      return kind.replacement(step, step.after ?? {}, step.before ?? {}, step.changed)
    case 'replace':
      return 'what it was before is gone'
    case 'delete':
      return whyGone(kind, step)
    default:
      return undefined
  }
}

function whyGone(kind: Kind, step: Step): string | undefined {
  const lost = kind.loses(step, 'delete') ?? kind.loses(step, 'replace')
  if (lost !== undefined) return `deleting it lost ${lost}`
  if (kind.unread(step).tracked.length > 0) return 'the secrets that it had are not known'
  return step.kind === 'api' ? 'what it was before is not known' : undefined
}

/**
 * Brings the object of a step back to what the plan saw, if it still is as the step left it.
 *
 * @param isWhole the step was done; else it broke off, and may have done a part
 */
export async function undoStep(ports: StepPorts, step: Step, isWhole: boolean): Promise<Undone> {
  if (!touchesTarget(step)) return { is: 'undone' }
  const kind = kindOf(ports.kinds, step)
  try {
    if (await isAsBefore(ports, kind, step)) return { is: 'undone' }
    const final = whyFinal(kind, step)
    if (final !== undefined) return { is: 'kept', why: final }
    const live = await kind.read(ports.writer, step, extraOf(step))
    if (!isWhole && step.action === 'create' && step.kind === 'mount') return { is: 'kept', why: 'whether this apply made it is not known' }
    if (!isOurs(kind, step, live, isWhole)) return { is: 'kept', why: 'somebody changed it since' }
    await takeBack(ports, kind, step, live)
    return (await isAsBefore(ports, kind, step)) ? { is: 'undone' } : { is: 'kept', why: 'it did not become what it was' }
  } catch (error) {
    return { is: 'kept', why: messageOf(error) }
  }
}

/** Nothing is at its new place, and what the plan saw is at the old one. */
async function isAsBefore({ writer }: StepPorts, kind: Kind, step: Step): Promise<boolean> {
  // What is hidden cannot be seen to be as it was.
  if (step.action === 'update' && step.changed.some(it => step.hidden.includes(it))) return false
  const at: Subject = step.movedFrom !== undefined && step.action === 'move' ? { ...step, address: step.movedFrom } : step
  const live = await kind.read(writer, at, extraOf(step))
  if (step.fingerprint === 'absent') return live === undefined || isFresh(kind, step, live)
  return live !== undefined && fingerprintOf(live.values, step.hidden) === step.fingerprint
}

/** A config that came with its mount is there whatever is done, and is as it came. */
const isFresh = (kind: Kind, step: Step, live: LiveObject): boolean =>
  kind.isPermanent(step) && Object.keys(kind.essence(step, live.values)).length === 0

/** Every attribute is as we made it; of a step that broke off, or as it was before. */
function isOurs(kind: Kind, step: Step, live: LiveObject | undefined, isWhole: boolean): boolean {
  if (step.action === 'delete') return live === undefined || kind.isPermanent(step)
  if (live === undefined) return false
  const { tracked, said } = kind.unread(step)
  const unseen = new Set([...step.hidden, ...tracked, ...said])
  const isMade = (name: string): boolean => equalJson(step.after?.[name], live.values[name])
  if (!isWhole && step.before === undefined)
    return Object.keys(kind.essence(step, live.values)).every(name => unseen.has(name) || isMade(name))
  return Object.keys(step.after ?? {}).every(
    name => unseen.has(name) || isMade(name) || (!isWhole && equalJson(step.before?.[name], live.values[name])),
  )
}

async function takeBack(ports: StepPorts, kind: Kind, step: Step, live: LiveObject | undefined): Promise<void> {
  const { writer, compareAndSet, pause } = ports
  const values: Values = { ...step.before, ...ports.secrets.get(step.address) }
  const change = { subject: step, values, changed: step.changed, compareAndSet, ...(live === undefined ? {} : { live }) }
  switch (step.action) {
    case 'create':
      return await kind.remove(writer, step)
    case 'update':
      return await kind.update(writer, change)
    case 'move':
      return await kind.move?.(writer, { ...change, subject: { ...step, address: step.movedFrom as Address } }, step.address, pause)
    case 'delete':
      return kind.isPermanent(step)
        ? await kind.update(writer, { ...change, changed: Object.keys(values) })
        : await kind.create(writer, { subject: step, values, changed: Object.keys(values), compareAndSet })
    default:
      return undefined
  }
}
