import type { Json } from '../../../kernel/index.ts'
import { apiPath, policyAddress, statusOf, type Address, type LiveObject, type TargetReader } from '../../model/index.ts'
import { livePolicy } from './answer.ts'

export interface ObservedPolicies {
  /** Every name. */
  readonly names: readonly string[]
  /** Those that were read: all of them, or those that were wanted. */
  readonly live: ReadonlyMap<Address, LiveObject>
}

/** More than there are; without it, a policy's pagination limit would cut the list without a word. */
const ALL = '1000000'

/**
 * OpenBao and our server give all policies with their texts in one answer. Elsewhere, and where the token may not ask for that,
 * the names are listed and the wanted ones read one by one.
 *
 * @param isWanted by name; what is not wanted may be left unread
 */
export async function observePolicies(reader: TargetReader, isWanted: (name: string) => boolean): Promise<ObservedPolicies> {
  const all = await readAll(reader)
  if (all !== undefined) return all
  const names = await reader.list('sys/policies/acl')
  const live = new Map<Address, LiveObject>()
  const read = async (name: string): Promise<void> => {
    const address = policyAddress(name)
    const answer = await reader.read(apiPath(address))
    // Listed and then not there: it was deleted in between, which is an absence like any other.
    if (answer !== undefined) live.set(address, livePolicy(answer.data ?? {}))
  }
  await Promise.all(names.filter(isWanted).map(read))
  return { names, live }
}

async function readAll(reader: TargetReader): Promise<ObservedPolicies | undefined> {
  let info: Json | undefined
  try {
    const answer = await reader.read('sys/policies/detailed/acl', { list: 'true', limit: ALL })
    info = answer?.data?.['key_info']
  } catch (error) {
    // Whatever the reason, the other way has its own errors, which then count.
    if (statusOf(error) === undefined) throw error
    return undefined
  }
  if (typeof info !== 'object' || info === null || Array.isArray(info)) return undefined
  const entries = Object.entries(info as Readonly<Record<string, Readonly<Record<string, Json>>>>)
  if (!entries.every(([, it]) => typeof it === 'object' && typeof it['policy'] === 'string')) return undefined
  return { names: entries.map(([name]) => name), live: new Map(entries.map(([name, it]) => [policyAddress(name), livePolicy(it)])) }
}
