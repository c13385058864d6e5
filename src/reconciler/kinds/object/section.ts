import { invariant } from '../../../kernel/index.ts'
import { classOf, type Address, type Home, type Subject } from '../../model/index.ts'
import { mountTypeOf, type Section } from '../../shapes/index.ts'

/** The section that an address below a mount of that type belongs to; undefined when the tables know none. */
export function sectionOf(mount: Address, type: string, address: Address): Section | undefined {
  const inside = address.slice(mount.length)
  return Object.values(mountTypeOf(classOf(mount) as Home, type)?.sections ?? {}).find(it =>
    it.is === 'singleton' ? inside === it.path : inside.startsWith(`${it.path}/`) && !inside.slice(it.path.length + 1).includes('/'),
  )
}

export function sectionFor({ address, mount, type }: Subject): Section {
  const section = mount === undefined || type === undefined ? undefined : sectionOf(mount, type, address)
  invariant(section, `the tables know ${address}`)
  return section
}
