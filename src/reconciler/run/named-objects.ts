import { kinds, sectionOf, type ObservedMounts } from '../kinds/index.ts'
import { isMountAddress, mountBelow, statusOf, type Address, type Resource, type TargetReader } from '../model/index.ts'

export interface NamedInput {
  readonly desired: ReadonlyMap<Address, Resource>
  readonly isSelected: (address: Address) => boolean
  readonly mounts: ObservedMounts
  /** What was seen already. */
  readonly there: ReadonlySet<Address>
  /** Whether all that stands in a collection was seen. */
  readonly isListed: (folder: Address) => boolean
}

/**
 * Of what the files name and do not describe, what is there. Most of it was seen with the rest; what was not is read, one by one. What may
 * not be read counts as there: nobody is warned of what is not known.
 */
export async function namedObjects(reader: TargetReader, input: NamedInput): Promise<ReadonlySet<Address>> {
  const { desired, isSelected, there, isListed } = input
  const named = new Set(
    [...desired.values()]
      .filter(it => isSelected(it.address))
      .flatMap(it => it.names ?? [])
      .flatMap(it => (it.at.some(address => desired.has(address)) ? [] : it.at)),
  )
  const found = new Set([...named].filter(it => there.has(it)))
  const unseen = [...named].filter(it => !there.has(it) && !isMountAddress(it) && !isListed(folderOf(it)))
  await Promise.all(
    unseen.map(async address => {
      if (await isThere(reader, address, input.mounts)) found.add(address)
    }),
  )
  return found
}

const folderOf = (address: Address): Address => address.slice(0, address.lastIndexOf('/')) as Address

async function isThere(reader: TargetReader, address: Address, mounts: ObservedMounts): Promise<boolean> {
  const mount = mountBelow(address, mounts.keys())
  const type = mount === undefined ? undefined : mounts.get(mount)?.type
  if (mount === undefined || type === undefined || sectionOf(mount, type, address) === undefined) return false
  try {
    return (await kinds['object']?.read(reader, { address, kind: 'object', mount, type }, [])) !== undefined
  } catch (error) {
    if (statusOf(error) === undefined) throw error
    return true
  }
}
