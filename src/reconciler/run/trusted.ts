import { kinds } from '../kinds/index.ts'
import { digestOf, without, type Address, type Ledger, type Resource, type Settings } from '../model/index.ts'

/**
 * Which objects need not be read when the ledger is taken at its word: those that the files still say as they were last applied. Mounts
 * and policies are read in few requests anyway, and a secret's value is not in the files, so that both are always looked at.
 */
export const trustedBy =
  (desired: ReadonlyMap<Address, Resource>, settings: Settings) =>
  ({ entries }: Ledger): ReadonlySet<Address> =>
    new Set(
      [...desired.values()].flatMap(resource => {
        const { address, kind, values, references } = resource
        const applied = entries.get(address)?.applied
        const how = kinds[kind]
        if (kind !== 'object' || applied === undefined || how === undefined || Object.keys(references).length > 0) return []
        const ignored = settings.ignore.flatMap(it => (it.attributes !== undefined && it.matches(address) ? it.attributes : []))
        return digestOf(how.essence(resource, without(values, ignored))) === applied ? [address] : []
      }),
    )
