import type { Diagnostic } from '../../kernel/index.ts'
import {
  accessJson,
  classOf,
  coverageOf,
  policyAddress,
  restOf,
  type Address,
  type Coverage,
  type StandingIgnore,
  digestOf,
  finding,
  sortFindings,
  type Digest,
  type Plan,
  type Step,
} from '../model/index.ts'
import { limitsOf, refusalsOf } from './guards.ts'
import type { PlanInput } from './input.ts'
import { leftoverSteps } from './leftover-steps.ts'
import { wantedSteps } from './wanted-steps.ts'

/** Files, ledger and target, compared. Pure: the same input gives the same plan. */
export function makePlan(input: PlanInput): Plan {
  const wanted = wantedSteps(input)
  const leftover = leftoverSteps(input, wanted.replaced)
  const steps = [...wanted.steps, ...leftover.steps].sort((a, b) => a.stage - b.stage || (a.address < b.address ? -1 : 1))
  const limits = limitsOf(input, steps)
  const plan = {
    format: '1.0',
    source: input.source,
    target: input.target,
    owner: input.ledger.owner,
    ...(input.settings.ownership.ledgerKey === undefined ? {} : { ledgerKey: input.settings.ownership.ledgerKey }),
    steps,
    refusals: refusalsOf(input, steps, limits),
    findings: sortFindings([
      ...input.findings,
      ...wanted.findings,
      ...leftover.findings,
      ...danglingPolicies(input, steps),
      ...danglingNames(input, steps),
      ...namelessOwner(input, steps),
    ]),
    access: input.access(steps),
    limits,
    unchanged: wanted.unchanged + input.trusted.size,
    unmanaged: input.seen.unmanaged,
    coverage: coverage(input),
    ignored: input.settings.ignore.map(standing),
    observed: { ...wanted.observed, ...leftover.observed },
  } as const
  return { ...plan, digest: planDigest(plan) }
}

const standing = ({ pattern, attributes, reason, until }: PlanInput['settings']['ignore'][number]): StandingIgnore => ({
  pattern,
  ...(attributes === undefined ? {} : { attributes }),
  ...(reason === undefined ? {} : { reason }),
  ...(until === undefined ? {} : { until: until.toISOString() }),
})

function coverage({ desired, leftovers, seen, trusted }: PlanInput): Coverage {
  const isThere = (address: Address): boolean =>
    classOf(address) === 'policy'
      ? seen.policies.has(restOf(address))
      : seen.mounts.has(address) || seen.live.has(address) || trusted.has(address)
  const { policies, auth, engines, objects } = seen.unmanaged
  return coverageOf({
    managed: new Set([...desired.keys(), ...leftovers.map(it => it.address)].filter(isThere)),
    unmanaged: [...policies.map(policyAddress), ...auth, ...engines, ...objects],
    ignored: seen.ignored,
  })
}

/**
 * Over all that decides what apply does and whether it may, and nothing that only explains it. Not over the commit: the files decide, and a
 * merge makes a commit that nobody could review.
 */
export function planDigest(plan: Omit<Plan, 'digest'>): Digest {
  const { format, source, target, owner, steps, refusals, access, limits, observed } = plan
  const deciding = steps.map(it => [
    it.address,
    it.kind,
    it.type ?? '',
    it.action,
    it.stage,
    it.fingerprint,
    it.after ?? {},
    it.references,
    it.changed,
    it.movedFrom ?? '',
  ])
  const guarded = [refusals.map(it => [it.guard, it.about]), limits.deletes.count, limits.updates.count]
  return digestOf([
    format,
    source.files,
    target.address,
    target.clusterId ?? '',
    target.compareAndSet,
    owner,
    plan.ledgerKey ?? {},
    deciding,
    guarded,
    access.map(accessJson),
    observed,
  ])
}

/** Tokens would be given a policy that is not there: they work, and may do less than somebody thinks. */
function danglingPolicies(input: PlanInput, steps: readonly Step[]): readonly Diagnostic[] {
  const deleted = new Set<string>(steps.flatMap(it => (it.kind === 'policy' && it.action === 'delete' ? [it.address] : [])))
  const there = (name: string): boolean =>
    input.desired.has(`policy/${name}` as never) || (input.seen.policies.has(name) && !deleted.has(`policy/${name}`)) || name === 'root'
  return [...input.desired.values()].flatMap(resource =>
    resource.policies
      .filter(name => !there(name))
      .map(name =>
        finding('warning', 'PLAN0002', `${resource.address} names the policy "${name}", which is neither in the files nor on the server`, {
          at: resource.at['token_policies'] ?? resource.at['allowed_policies'] ?? resource.from,
          about: resource.address,
        }),
      ),
  )
}

/** The server keeps many a name of what is not there, and fails when it is used. */
function danglingNames(input: PlanInput, steps: readonly Step[]): readonly Diagnostic[] {
  const deleted = new Set(steps.flatMap(it => (it.action === 'delete' ? it.address : [])))
  const isThere = (address: Address): boolean =>
    input.desired.has(address) || ((input.seen.named.has(address) || input.seen.mounts.has(address)) && !deleted.has(address))
  return [...input.desired.values()]
    .filter(it => input.isSelected(it.address))
    .flatMap(({ address: about, names = [], at, from }) =>
      names
        .filter(it => !it.at.some(isThere))
        .map(({ attribute, value, at: places }) => {
          const summary = `${about} names ${places[0] ?? value} in ${attribute}, which is neither in the files nor on the server`
          return finding('warning', 'PLAN0013', summary, { at: at[attribute] ?? from, about })
        }),
    )
}

/** Said at the moment when it matters: when one repository could delete what another applied. */
function namelessOwner({ settings }: PlanInput, steps: readonly Step[]): readonly Diagnostic[] {
  if (settings.ownership.named || !steps.some(it => it.action === 'delete')) return []
  return [
    finding('note', 'PLAN0006', `lockstep.yaml names no owner, so what is deleted was applied by "${settings.ownership.owner}"`, {
      detail: 'two repositories on one target need a name each: ownership: { owner: <name> }',
    }),
  ]
}
