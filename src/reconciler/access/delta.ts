import { accessDelta, type AccessChange, type HeldPolicy } from '../../policy/index.ts'
import { ledgerFolder, policyAddress, sortAccess, type AccessEntry, type Address } from '../model/index.ts'
import type { Access } from './access.ts'
import { policySets, type Holder } from './holders.ts'

/**
 * Who gains and who loses what, when the one becomes the other. Of a holder that comes or goes, what every token may do anyhow is
 * not counted. A policy that no known holder has is told of by itself.
 */
export function holderDelta(before: Access, after: Access, now: Date): readonly AccessEntry[] {
  const comparing = new Comparing(before, after, now)
  const [old, fresh] = [byAddress(before), byAddress(after)]
  const entries = new Map<string, { readonly change: AccessChange; readonly holders: Set<Address> }>()
  const add = (holder: Address, changes: readonly AccessChange[]): void => {
    for (const change of changes) {
      const key = JSON.stringify(change)
      const known = entries.get(key)
      if (known === undefined) entries.set(key, { change, holders: new Set([holder]) })
      else known.holders.add(holder)
    }
  }
  for (const address of [...new Set([...old.keys(), ...fresh.keys()])].sort()) {
    add(address, comparing.holder(old.get(address), fresh.get(address)))
  }
  const held = new Set([...before.holders, ...after.holders].flatMap(it => it.policies))
  for (const name of [...new Set([...before.policyNames, ...after.policyNames])].sort()) {
    if (!held.has(name) && !name.startsWith(ledgerFolder)) add(policyAddress(name), comparing.sets([name], [name]))
  }
  return sortAccess([...entries.values()].map(({ change, holders }) => entryOf(change, [...holders])))
}

const byAddress = ({ holders }: Access): ReadonlyMap<Address, Holder> => new Map(holders.map(it => [it.address, it]))

function entryOf({ from, until, ...change }: AccessChange, holders: readonly Address[]): AccessEntry {
  return {
    ...change,
    holders,
    ...(from === undefined ? {} : { from: from.toISOString() }),
    ...(until === undefined ? {} : { until: until.toISOString() }),
  }
}

type Names = readonly string[]

const isMore = ({ change }: AccessChange): boolean => change === 'gained' || change === 'widened' || change === 'limited otherwise'
const isLess = ({ change }: AccessChange): boolean => change === 'lost' || change === 'narrowed' || change === 'limited otherwise'

/** Many holders have the same policies, which are compared once. */
class Comparing {
  readonly #before: Access
  readonly #after: Access
  readonly #now: Date
  readonly #known = new Map<string, readonly AccessChange[]>()

  constructor(before: Access, after: Access, now: Date) {
    this.#before = before
    this.#after = after
    this.#now = now
  }

  holder(old: Holder | undefined, fresh: Holder | undefined): readonly AccessChange[] {
    if (old?.together !== false && fresh?.together !== false) {
      const [had, has] = [old?.policies, fresh?.policies]
      return this.sets(had ?? defaultOf(has), has ?? defaultOf(had))
    }
    return this.#choices(old === undefined ? [] : choicesOf(old), fresh === undefined ? [] : choicesOf(fresh))
  }

  /** Whoever had the first policies has the second ones. */
  sets(had: Names, has: Names): readonly AccessChange[] {
    if (had.join('\n') === has.join('\n') && had.every(it => this.#isSame(it))) return []
    const key = JSON.stringify([had, has])
    let changes = this.#known.get(key)
    if (changes === undefined) {
      changes = accessDelta(this.#held(this.#before, had), this.#held(this.#after, has), { now: this.#now }).changes
      this.#known.set(key, changes)
    }
    return changes
  }

  /**
   * Whoever makes a token chooses its policies. A choice gives something new if it gives more than each choice there was, and takes
   * something if it gave more than each choice there is; of all those, the nearest one tells what.
   */
  #choices(old: readonly Names[], fresh: readonly Names[]): readonly AccessChange[] {
    const found: AccessChange[] = []
    for (const has of fresh)
      found.push(...fewest((old.length === 0 ? [defaultOf(has)] : old).map(had => this.sets(had, has).filter(isMore))))
    for (const had of old)
      found.push(...fewest((fresh.length === 0 ? [defaultOf(had)] : fresh).map(has => this.sets(had, has).filter(isLess))))
    return [...new Map(found.map(it => [JSON.stringify(it), it])).values()]
  }

  /** A text that did not change is held as the very same document, so that nobody has to compare its rules. */
  #held(access: Access, names: Names): readonly HeldPolicy[] {
    return (names.includes('root') ? ['root'] : names).flatMap(it => (this.#isSame(it) ? this.#before : access).policy(it) ?? [])
  }

  /** A text that did not change means what it meant. */
  #isSame(name: string): boolean {
    const [old, fresh] = [this.#before.policy(name), this.#after.policy(name)]
    return old === fresh || (old?.tree !== undefined && old.tree.source.text === fresh?.tree?.source.text)
  }
}

const fewest = (all: readonly (readonly AccessChange[])[]): readonly AccessChange[] =>
  all.reduce((least, it) => (it.length < least.length ? it : least), all[0] ?? [])

/** Of a holder that is not there, no more is known than what its tokens would have in common with all others. */
const defaultOf = (names: Names = []): Names => names.filter(it => it === 'default')

/** Beyond so many, each policy by itself and all together. */
const MANY = 16

function choicesOf(holder: Holder): readonly Names[] {
  const all = policySets(holder)
  if (all.length <= MANY) return all
  const always = defaultOf(holder.policies)
  return [holder.policies, ...holder.policies.filter(it => it !== 'default').map(it => [it, ...always].sort())]
}
