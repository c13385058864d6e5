import {
  allowedBy,
  classOf,
  isMountAddress,
  restOf,
  type Address,
  type AddressClass,
  type Plan,
  type Refusal,
  type Share,
  type Step,
} from '../model/index.ts'
import type { PlanInput } from './input.ts'

/** The old name of a policy that is written under a new one is no loss. */
const destroys = (step: Step): boolean => (step.action === 'delete' && step.movedTo === undefined) || step.action === 'replace'

const changes = ({ action }: Step): boolean => action === 'update' || action === 'move'

export function limitsOf(input: PlanInput, steps: readonly Step[]): Plan['limits'] {
  const managed = new Set([...input.ledger.entries.keys(), ...[...input.desired.keys()].filter(it => input.seen.live.has(it))])
  const of = managed.size
  const share = (count: number, cap: 'deletes' | 'updates'): Share => ({ count, of, allowed: allowedBy(input.settings.limits[cap], of) })
  return {
    deletes: share(steps.filter(destroys).length, 'deletes'),
    updates: share(steps.filter(changes).length, 'updates'),
  }
}

/** Every reason for which the plan must not be applied as it is, whether or not somebody consents. */
export function refusalsOf(input: PlanInput, steps: readonly Step[], limits: Plan['limits']): readonly Refusal[] {
  return [
    ...tooMany(steps, limits),
    ...dataLoss(input, steps),
    ...foreignOwner(input, steps),
    ...otherRepository(input, steps),
    ...nothingLeft(input, steps),
    ...inTheWay(input, steps),
    ...input.guards.flatMap(guard => guard(steps)),
  ]
}

const addressesOf = (steps: readonly Step[]): readonly Address[] => steps.map(it => it.address)

function tooMany(steps: readonly Step[], { deletes, updates }: Plan['limits']): readonly Refusal[] {
  const refusals: Refusal[] = []
  if (deletes.count > deletes.allowed) {
    refusals.push({
      guard: 'max-deletes',
      summary: `${deletes.count} of ${deletes.of} managed objects would be deleted; the limit is ${deletes.allowed}`,
      detail: `if that is meant, say -max-deletes=${deletes.count} for this run, or raise limits.deletes in lockstep.yaml`,
      about: addressesOf(steps.filter(destroys)),
    })
  }
  if (updates.count > updates.allowed) {
    refusals.push({
      guard: 'max-updates',
      summary: `${updates.count} of ${updates.of} managed objects would be changed; the limit is ${updates.allowed}`,
      detail: `if that is meant, say -max-updates=${updates.count} for this run, or raise limits.updates in lockstep.yaml`,
      about: addressesOf(steps.filter(changes)),
    })
  }
  return refusals
}

/** What lives on a mount goes with it, also what others put there. */
function dataLoss({ seen }: PlanInput, steps: readonly Step[]): readonly Refusal[] {
  return steps.flatMap(({ address, action, loses }) => {
    if (loses === undefined) return []
    const others = isMountAddress(address) ? seen.unmanaged.objects.filter(it => it.startsWith(address)) : []
    const also = others.length === 0 ? '' : `, among it what is not managed here: ${some(others)}`
    return [
      {
        guard: 'data-loss',
        summary: `${action === 'delete' ? 'deleting' : 'replacing'} ${address} loses ${loses}${also}`,
        detail: 'it cannot be undone; if that is meant, say -allow-data-loss',
        about: [address],
      } as const,
    ]
  })
}

const some = (names: readonly string[]): string =>
  names.length <= 5 ? names.join(', ') : `${names.slice(0, 5).join(', ')} and ${names.length - 5} more`

function foreignOwner({ foreign }: PlanInput, steps: readonly Step[]): readonly Refusal[] {
  const taken = steps.filter(it => foreign.has(it.address) && it.action !== 'forget')
  const owners = [...new Set(taken.map(it => foreign.get(it.address) ?? ''))].sort()
  return owners.map(owner => {
    const about = addressesOf(taken.filter(it => foreign.get(it.address) === owner))
    return {
      guard: 'foreign-owner',
      summary: `${some(about)} ${about.length === 1 ? 'belongs' : 'belong'} to "${owner}", who manages this target too`,
      detail: 'take it out of one of the two repositories; to take it over, say -allow-takeover',
      about,
    }
  })
}

/** Two repositories that name no owner would delete each other's objects, each believing that it removed its own. */
function otherRepository({ settings, ledger, source }: PlanInput, steps: readonly Step[]): readonly Refusal[] {
  const deletes = steps.filter(it => it.action === 'delete')
  if (settings.ownership.named || deletes.length === 0) return []
  if (ledger.repository === undefined || ledger.repository === source.repository) return []
  return [
    {
      guard: 'other-repository',
      summary: `the objects to delete were applied from ${ledger.repository}, and this is ${source.repository ?? 'a folder without a Git remote'}`,
      detail: 'give each repository its own ownership.owner in lockstep.yaml; if this one has only moved, say -allow-takeover',
      about: addressesOf(deletes),
    },
  ]
}

const folders: Readonly<Record<AddressClass, string>> = {
  policy: 'policies/',
  auth: 'roles/',
  engine: 'engines/',
  sys: 'system/ with audit/, quotas/ and namespaces/',
  identity: 'identity/',
  api: 'api/',
}

/** A wrong folder, an empty checkout, a failed download: all look like somebody who took everything away. */
function nothingLeft({ desired }: PlanInput, steps: readonly Step[]): readonly Refusal[] {
  const described = new Set([...desired.keys()].map(classOf))
  return (Object.keys(folders) as AddressClass[]).flatMap(kind => {
    const deletes = steps.filter(it => it.action === 'delete' && classOf(it.address) === kind)
    if (deletes.length === 0 || described.has(kind)) return []
    return [
      {
        guard: 'nothing-left',
        summary: `${folders[kind]} ${kind === 'sys' ? 'describe' : 'describes'} nothing any more, and ${deletes.length === 1 ? 'the one object' : `all ${deletes.length} objects`} from it would be deleted`,
        detail: 'if that is meant, say -allow-empty',
        about: addressesOf(deletes),
      } as const,
    ]
  })
}

/** A mount cannot stand below another, and what stands there now is deleted last or not at all. */
function inTheWay({ seen }: PlanInput, steps: readonly Step[]): readonly Refusal[] {
  return steps.flatMap(({ action, kind, address }) => {
    if ((action !== 'create' && action !== 'move') || kind !== 'mount') return []
    const blocking = [...seen.mounts].find(it => it !== address && (it.startsWith(address) || address.startsWith(it)))
    if (blocking === undefined) return []
    return [
      {
        guard: 'in-the-way',
        summary: `${address} cannot be mounted while ${blocking} stands there`,
        detail: `mounts do not nest; remove ${restOf(blocking)} in an apply of its own first`,
        about: [address],
      } as const,
    ]
  })
}
