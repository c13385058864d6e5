import type { IdentityFacts, Metadata } from '../../policy/index.ts'
import type { Address } from '../model/index.ts'
import type { Described, Holder } from './holders.ts'

const ENTITY = 'identity/entity/name/'
const GROUP = 'identity/group/name/'

/** What a token gets by an identity: also of the groups that it is in, directly or through another. */
export interface Effective extends Pick<Holder, 'policies' | 'together'> {
  /** What is known of who asks. Absent: nothing. */
  readonly facts?: IdentityFacts
}

/** By the address of each entity and group, and of each other holder as it is. */
export function effectiveOf(all: readonly Described[], holders: readonly Holder[]): (holder: Holder) => Effective {
  const described = new Map(all.filter(it => it.address.startsWith('identity/')).map(it => [it.address as string, it]))
  const byAddress = new Map(holders.map(it => [it.address as string, it]))
  const parents = parentsOf(described.values())
  return holder => {
    if (holder.kind !== 'entity' && holder.kind !== 'group') return holder
    const groups = [...ancestors(holder.address, parents)]
    const policies = [holder.policies, ...groups.map(it => byAddress.get(it)?.policies ?? [])].flat()
    const inGroups = (holder.kind === 'group' ? [holder.address, ...groups] : groups).flatMap(it => described.get(it) ?? [])
    const self = holder.kind === 'entity' ? described.get(holder.address) : undefined
    const facts: IdentityFacts = {
      ...(self === undefined ? {} : { entity: { ...namedFacts(self, ENTITY) } }),
      groups: inGroups.map(it => namedFacts(it, GROUP)),
    }
    return { policies: [...new Set(policies)].sort(), together: true, facts }
  }
}

/** One token by all of them: a login's policies, and those that its entity and its groups add. */
export function together(policies: readonly string[], holders: readonly Effective[]): Effective {
  const [only] = holders
  if (holders.length === 1 && policies.length === 0 && only !== undefined) return only
  const facts = holders.flatMap(it => it.facts ?? [])
  const entity = facts.find(it => it.entity !== undefined)?.entity
  const groups = facts.flatMap(it => it.groups ?? [])
  return {
    policies: [...new Set([...policies, ...holders.flatMap(it => it.policies)])].sort(),
    together: true,
    ...(facts.length === 0 ? {} : { facts: { ...(entity === undefined ? {} : { entity }), groups } }),
  }
}

/** The groups that name an entity or a group as a member. */
function parentsOf(described: Iterable<Described>): ReadonlyMap<string, readonly string[]> {
  const parents = new Map<string, string[]>()
  const add = (member: string, group: Address): void => void parents.set(member, [...(parents.get(member) ?? []), group])
  for (const { address, values } of described) {
    if (!address.startsWith(GROUP)) continue
    for (const name of textsOf(values['member_entities'])) add(ENTITY + name, address)
    for (const name of textsOf(values['member_groups'])) add(GROUP + name, address)
  }
  return parents
}

/** Groups may name each other in a circle; each counts once. */
function ancestors(address: string, parents: ReadonlyMap<string, readonly string[]>): ReadonlySet<string> {
  const found = new Set<string>()
  const open = [address]
  for (let next = open.pop(); next !== undefined; next = open.pop())
    for (const parent of parents.get(next) ?? [])
      if (!found.has(parent)) {
        found.add(parent)
        open.push(parent)
      }
  return found
}

interface NamedFacts {
  readonly id: string
  readonly name: string
  readonly metadata: Metadata
}

function namedFacts({ address, values }: Described, prefix: string): NamedFacts {
  const { id, metadata } = values
  return {
    id: typeof id === 'string' ? id : '',
    name: address.slice(prefix.length),
    metadata: typeof metadata === 'object' && metadata !== null && !Array.isArray(metadata) ? (metadata as Metadata) : {},
  }
}

const textsOf = (value: unknown): readonly string[] => (Array.isArray(value) ? value.filter(it => typeof it === 'string') : [])
