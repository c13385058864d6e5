import { classOf, type Address, type TargetReader } from '../../model/index.ts'
import { mountTypes } from '../../shapes/index.ts'
import { adoptPhase } from '../adopt-phase.ts'
import { planningReader } from '../gathered.ts'
import { planPhase, type Planned, type PlanOptions } from '../plan-phase.ts'
import { Recorder, snapshotReader, type SnapshotBody } from './snapshot.ts'

export interface SnapshotOptions extends Pick<PlanOptions, 'dir' | 'source' | 'environment' | 'target' | 'now' | 'parallelism'> {
  readonly reader: TargetReader
  /** Milliseconds. */
  readonly lifetime: number
}

export type Taken =
  | { readonly is: 'taken'; readonly snapshot: SnapshotBody }
  | { readonly is: 'broken'; readonly findings: (Planned & { readonly is: 'broken' })['findings'] }

/** What the server makes up itself and gives to whoever may read: no table has it, since no file says it. */
const MADE_BY_THE_SERVER = ['client_secret', 'secret_id', 'private_key', 'secret_key', 'password', 'token', 'barcode']

const secretNames: ReadonlySet<string> = new Set([
  ...MADE_BY_THE_SERVER,
  ...Object.values(mountTypes).flatMap(type =>
    Object.values(type.sections).flatMap(section => Object.entries(section.shape).flatMap(([name, it]) => (it.secret ? [name] : []))),
  ),
])

/** Anything, of which no table says what in it is secret. */
export const isLeftOut = (address: Address): boolean => classOf(address) === 'api'

/**
 * Asks a target for all that a plan of this repository asks for, and for what stands there beside it, so that a change which begins to
 * describe that can be planned too. Reads only.
 */
export async function takeSnapshot(options: SnapshotOptions): Promise<Taken> {
  const { dir, source, environment, target, now, lifetime, parallelism = AT_ONCE } = options
  const recorder = new Recorder(planningReader(options.reader, parallelism), name => secretNames.has(name))
  const shared = { dir, reader: recorder, now, parallelism, ...(environment === undefined ? {} : { environment }) }
  const planned = await planPhase({
    ...shared,
    source,
    target,
    env: {},
    followsReferences: false,
    isSelected: address => !isLeftOut(address),
  })
  if (planned.is === 'broken') return { is: 'broken', findings: planned.findings }
  await adoptPhase({ ...shared, isSelected: address => !isLeftOut(address) })
  const expiresAt = new Date(now.getTime() + lifetime)
  return { is: 'taken', snapshot: { takenAt: now, expiresAt, target, answers: recorder.answers } }
}

const AT_ONCE = 32

/** What a plan with a snapshot is made with, in place of a target. */
export const offline = (snapshot: SnapshotBody): Pick<PlanOptions, 'reader' | 'target' | 'snapshotOf' | 'followsReferences'> => ({
  reader: snapshotReader(snapshot),
  target: snapshot.target,
  snapshotOf: snapshot.takenAt,
  followsReferences: false,
})
