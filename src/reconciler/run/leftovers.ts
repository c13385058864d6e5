import { sectionOf, type ObservedMounts } from '../kinds/index.ts'
import { classOf, isMountAddress, mountBelow, type Address, type Ledger, type Home, type Resource, type Subject } from '../model/index.ts'
import type { Leftover } from '../plan/index.ts'
import { mountTypes } from '../shapes/index.ts'

/** What the ledger names and the files do not. */
export function leftoversOf(ledger: Ledger, desired: ReadonlyMap<Address, Resource>, mounts: ObservedMounts): readonly Leftover[] {
  return [...ledger.entries.keys()]
    .filter(address => !desired.has(address))
    .map(address => ({ address, subject: subjectOf(address, mounts) }))
    .sort((a, b) => (a.address < b.address ? -1 : 1))
}

/** What an address alone tells, with the mounts that are there. Undefined: its mount is there, and of a type without tables. */
function subjectOf(address: Address, mounts: ObservedMounts): Subject | undefined {
  if (classOf(address) === 'policy') return { address, kind: 'policy' }
  if (classOf(address) === 'api') return { address, kind: 'api' }
  if (isMountAddress(address)) return { address, kind: 'mount', type: mounts.get(address)?.type ?? '' }
  const mount = mountBelow(address, mounts.keys())
  if (mount === undefined) return goneWithItsMount(address)
  const type = mounts.get(mount)?.type ?? ''
  return sectionOf(mount, type, address) === undefined ? undefined : { address, kind: 'object', mount, type }
}

/** No mount, so the object is gone, and whatever it was, only the ledger has to be told. */
function goneWithItsMount(address: Address): Subject | undefined {
  const table = homeOf(address)
  for (const type of knownTypes(table)) {
    for (let at = address.indexOf('/', address.indexOf('/') + 1); at > 0; at = address.indexOf('/', at + 1)) {
      const mount = address.slice(0, at + 1) as Address
      if (sectionOf(mount, type, address) !== undefined) return { address, kind: 'object', mount, type }
    }
  }
  return undefined
}

export const homeOf = (address: Address): Home => classOf(address) as Home

const knownTypes = (table: Home): readonly string[] => Object.values(mountTypes).flatMap(it => (it.table === table ? it.type : []))
