import type { Diagnostic } from '../../kernel/index.ts'
import { kinds } from '../kinds/index.ts'
import {
  classOf,
  decodeFailedPlan,
  decodePlan,
  policyAddress,
  type Address,
  type LiveObject,
  type Plan,
  type Refusal,
  type TargetReader,
} from '../model/index.ts'
import { planDigest } from '../plan/index.ts'
import { factsOf, ownToken } from './facts.ts'
import { ownAccessGuard } from './own-access.ts'

/** A saved plan that is not for this target, or not as it was saved. */
export class PlanUnusable extends Error {}

/** What `plan -json` printed: a plan, or why there is none. */
export type SavedPlan = { readonly is: 'plan'; readonly plan: Plan } | { readonly is: 'broken'; readonly findings: readonly Diagnostic[] }

/**
 * To be told about, not to be applied: no server is asked.
 * @throws PlanUnreadable, PlanUnusable
 */
export function readSavedPlan(text: string): SavedPlan {
  const findings = decodeFailedPlan(text)
  return findings === undefined ? { is: 'plan', plan: untouched(text) } : { is: 'broken', findings }
}

function untouched(text: string): Plan {
  const plan = decodePlan(text)
  if (planDigest(plan) !== plan.digest) throw new PlanUnusable('the plan was changed after it was saved; make a new one')
  return plan
}

/**
 * A plan from a file, for the target that it was made for, if nobody edited it. Whoever applies it may hold another token than
 * whoever made it, so the guard of one's own access looks at this one.
 * @throws PlanUnreadable, PlanUnusable
 */
export async function openSavedPlan(text: string, reader: TargetReader, address: string, now: Date): Promise<Plan> {
  const plan = untouched(text)
  const facts = await factsOf(reader)
  const isSame =
    plan.target.clusterId !== undefined && facts.clusterId !== undefined
      ? plan.target.clusterId === facts.clusterId
      : plan.target.address === address
  if (!isSame) throw new PlanUnusable(`the plan was made for another server (${plan.target.address}), not for ${address}`)
  const others = plan.refusals.filter(it => it.guard !== 'own-access')
  return { ...plan, refusals: [...others, ...(await ownAccessRefusals(plan, reader, now))] }
}

async function ownAccessRefusals(plan: Plan, reader: TargetReader, now: Date): Promise<readonly Refusal[]> {
  const token = await ownToken(reader)
  if (token === undefined) return []
  const own = token.policies.map(policyAddress)
  const isTouched = plan.steps.some(it => classOf(it.address) === 'policy' && own.includes(it.address))
  const live = isTouched ? await policiesOf(reader, own) : new Map<Address, LiveObject>()
  const managed = Object.keys(plan.observed) as Address[]
  return ownAccessGuard({ token, live, managed, owner: plan.owner, now })(plan.steps)
}

async function policiesOf(reader: TargetReader, addresses: readonly Address[]): Promise<ReadonlyMap<Address, LiveObject>> {
  const read = async (address: Address): Promise<readonly (readonly [Address, LiveObject])[]> => {
    const policy = await kinds['policy']?.read(reader, { address, kind: 'policy' }, [])
    return policy === undefined ? [] : [[address, policy]]
  }
  return new Map((await Promise.all(addresses.map(read))).flat())
}
