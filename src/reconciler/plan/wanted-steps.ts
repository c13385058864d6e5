import { invariant, type Diagnostic } from '../../kernel/index.ts'
import {
  classOf,
  finding,
  isMountAddress,
  type Address,
  type Kind,
  type LiveObject,
  type Moved,
  type Resource,
  type Step,
} from '../model/index.ts'
import { compare, type Comparison } from './compare.ts'
import type { PlanInput } from './input.ts'

export interface WantedSteps {
  readonly steps: readonly Step[]
  readonly unchanged: number
  readonly findings: readonly Diagnostic[]
  readonly observed: Readonly<Record<Address, Step['fingerprint']>>
  /** Mounts that are made anew, with everything on them. */
  readonly replaced: ReadonlySet<Address>
}

/** The steps that bring the described objects to what the files say. Mounts come first: what lives on a new one is new. */
export function wantedSteps(input: PlanInput): WantedSteps {
  const steps: Step[] = []
  const findings: Diagnostic[] = []
  const observed: Record<Address, Step['fingerprint']> = {}
  const replaced = new Map<Address, Step>()
  let unchanged = 0
  const resources = [...input.desired.values()].filter(it => input.isSelected(it.address))
  for (const resource of resources.toSorted((a, b) => Number(isMountAddress(b.address)) - Number(isMountAddress(a.address)))) {
    const { address } = resource
    const kind = input.kinds[resource.kind]
    invariant(kind, `there is a kind ${resource.kind}`)
    const remade = resource.mount === undefined ? undefined : replaced.get(resource.mount)
    const live = remade === undefined ? input.seen.live.get(address) : undefined
    const sides = {
      kind,
      resource,
      live,
      resolved: input.resolved.get(address) ?? {},
      entry: input.ledger.entries.get(address),
      ignored: ignoredAttributes(input, address),
      seal: input.seal,
    }
    const compared = compare(sides)
    observed[address] = compared.fingerprint
    const made = stepFor(input, kind, resource, live, compared)
    const step =
      made === undefined || remade === undefined ? made : { ...made, moved: remade.moved, why: 'it goes with its mount, and is made anew' }
    if (step === undefined || step.action === 'adopt') unchanged++
    if (step === undefined) continue
    if (step.action === 'replace' && resource.kind === 'mount') replaced.set(address, step)
    const foreign = input.foreign.get(address)
    if (step.action === 'update' && compared.moved === 'new' && foreign === undefined) findings.push(takenOver(resource))
    steps.push(step)
  }
  return { steps, unchanged, findings, observed, replaced: new Set(replaced.keys()) }
}

const takenOver = (resource: Resource): Diagnostic =>
  finding('warning', 'PLAN0003', `${resource.address} was there before, made by somebody else, and is changed to what the files say`, {
    at: resource.from,
    about: resource.address,
    detail: 'from then on it is managed, but not deleted when it is taken out of the files',
  })

const ignoredAttributes = ({ settings }: PlanInput, address: Address): readonly string[] =>
  settings.ignore.flatMap(it => (it.attributes !== undefined && it.matches(address) ? it.attributes : []))

function stepFor(input: PlanInput, kind: Kind, resource: Resource, live: LiveObject | undefined, compared: Comparison): Step | undefined {
  const { address } = resource
  const entry = input.ledger.entries.get(address)
  const make: Make = (action, why, more = {}) => ({
    address,
    kind: resource.kind,
    ...(resource.mount === undefined ? {} : { mount: resource.mount }),
    ...(resource.type === undefined ? {} : { type: resource.type }),
    action,
    stage: kind.rank(resource) + depthOf(resource, input.desired) / 100,
    ...(compared.before === undefined ? {} : { before: compared.before }),
    after: compared.after,
    changed: compared.changed,
    hidden: compared.hidden,
    references: resource.references,
    fingerprint: compared.fingerprint,
    applied: compared.applied,
    moved: compared.moved,
    why,
    notes: [],
    from: resource.from,
    ...more,
  })
  const called = input.moves.policies.get(address)
  if (live === undefined)
    return called === undefined
      ? make('create', createdWhy[compared.moved])
      : make('create', `it was called ${called}`, { movedFrom: called })
  const [stands, stood] = [input.moves.mounts.get(address), input.moves.written.get(address)]
  if (stands !== undefined) return moveOf(kind, resource, live, compared, make, stands)
  if (compared.changed.length === 0) {
    if (stood !== undefined)
      return make('adopt', 'it was moved by an apply that did not end, and is written down now', { movedFrom: stood })
    if (entry === undefined) return make('adopt', 'it is already as the files say, and is managed from now on')
    if (entry.origin === 'creating') return make('adopt', 'it was created by an apply that did not end, and is written down now')
    return undefined
  }
  const before = live.values
  const after = { ...compared.after, ...input.resolved.get(address) }
  const replacement = kind.replacement(resource, before, after, compared.changed)
  const renamed = stood === undefined ? {} : { movedFrom: stood }
  if (replacement === undefined) return make('update', changedWhy[compared.moved], { ...renamed, notes: kind.notes(before, after) })
  const loses = kind.loses(resource, 'replace')
  return make('replace', `${changedWhy[compared.moved]}; ${replacement}`, { ...renamed, ...(loses === undefined ? {} : { loses }) })
}

type Make = (action: Step['action'], why: string, more?: Partial<Step>) => Step

/** Before mounts are made, one of which may want the place. What cannot be changed in place is the next plan's business. */
function moveOf(kind: Kind, resource: Resource, live: LiveObject, compared: Comparison, make: Make, from: Address): Step {
  const after = { ...live.values, ...compared.after }
  const inPlace = compared.changed.filter(it => kind.replacement(resource, live.values, after, [it]) === undefined)
  const notes =
    classOf(from) === 'auth'
      ? ['tokens that it gave are revoked: whoever logged in there has to do it again']
      : ['leases that it gave are revoked; policies and clients have to follow']
  const later = compared.changed.filter(it => !inPlace.includes(it))
  return make('move', `it stands at ${from}`, {
    movedFrom: from,
    stage: kind.rank(resource) - 0.5,
    changed: inPlace,
    after: Object.fromEntries(
      Object.entries(compared.after).map(([name, it]) => [name, later.includes(name) ? (live.values[name] ?? it) : it]),
    ),
    notes: later.length === 0 ? notes : [...notes, `${later.join(', ')} cannot be changed in place: the next plan tells`],
  })
}

/** How many others have to be made before it, one after the other. */
function depthOf({ address, needs = [] }: Resource, desired: PlanInput['desired'], above: readonly Address[] = []): number {
  if (above.includes(address)) return 0
  const below = needs.flatMap(it => desired.get(it) ?? [])
  return below.length === 0 ? 0 : 1 + Math.max(...below.map(it => depthOf(it, desired, [...above, address])))
}

const createdWhy: Readonly<Record<Moved, string>> = {
  new: 'the files describe it and the server does not have it',
  repository: 'the files describe it and the server does not have it',
  target: 'it was deleted on the server',
  both: 'it was deleted on the server, and the files have changed',
}

const changedWhy: Readonly<Record<Moved, string>> = {
  new: 'the server has it otherwise',
  repository: 'the files have changed',
  target: 'it was changed on the server',
  both: 'the files have changed, and it was changed on the server too',
}
