import { invariant, type Diagnostic } from '../../kernel/index.ts'
import { finding, isMountAddress, type Address, type Kind, type LiveObject, type Moved, type Resource, type Step } from '../model/index.ts'
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
  const make = (action: Step['action'], why: string, more: Partial<Step> = {}): Step => ({
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
  if (live === undefined) return make('create', createdWhy[compared.moved])
  if (compared.changed.length === 0) {
    if (entry === undefined) return make('adopt', 'it is already as the files say, and is managed from now on')
    if (entry.origin === 'creating') return make('adopt', 'it was created by an apply that did not end, and is written down now')
    return undefined
  }
  const before = live.values
  const after = { ...compared.after, ...input.resolved.get(address) }
  const replacement = kind.replacement(resource, before, after, compared.changed)
  if (replacement === undefined) return make('update', changedWhy[compared.moved], { notes: kind.notes(before, after) })
  const loses = kind.loses(resource, 'replace')
  return make('replace', `${changedWhy[compared.moved]}; ${replacement}`, loses === undefined ? {} : { loses })
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
