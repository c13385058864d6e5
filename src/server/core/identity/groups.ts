import { goQuote } from '../../../kernel/index.ts'
import {
  faults,
  type AliasWish,
  type GroupWish,
  type IdentityAlias,
  type IdentityGroup,
  type IdentityKey,
  type View,
  type WrittenAlias,
} from '../../logical/index.ts'
import type { Entities, IdentityParts } from './entities.ts'
import { withNamespace } from '../identifier.ts'
import { checkLabels, givenName, identityPolicies } from './rules.ts'

type At = Extract<IdentityKey, { readonly by: 'id' | 'name' }>
const byId = (id: string): IdentityKey => ({ by: 'id', id })

/** Groups and their aliases. Runs inside a transaction that the caller opens. */
export class Groups {
  readonly #o: IdentityParts
  readonly #entities: Entities

  constructor(parts: IdentityParts, entities: Entities) {
    this.#o = parts
    this.#entities = entities
  }

  #now(): number {
    return this.#o.clock.now().getTime()
  }

  #fresh(wish: GroupWish): IdentityGroup {
    const now = this.#now()
    return {
      id: withNamespace(this.#o.random.uuid(), this.#o.namespace?.id),
      name: wish.name || givenName(this.#o.random, 'group', this.#o.namespace?.id),
      type: wish.type === 'external' ? 'external' : 'internal',
      metadata: null,
      policies: [],
      created: now,
      updated: now,
      modifyIndex: 0,
    }
  }

  async write(tx: View, at: At | undefined, wish: GroupWish): Promise<{ readonly group: IdentityGroup; readonly isNew: boolean }> {
    const { store } = this.#o
    const policies = wish.policies && identityPolicies(wish.policies)
    let before = at && (await store.group(tx, at))
    if (at?.by === 'id' && before === undefined) throw faults.refused({ why: 'invalid group ID' })
    if (wish.name !== undefined && wish.name !== '') {
      const holder = await store.group(tx, { by: 'name', name: wish.name })
      if (at === undefined) before = holder
      else if (holder !== undefined && holder.id !== before?.id) throw faults.refused({ why: 'group name is already in use' })
    }
    if (before !== undefined && wish.type !== undefined && wish.type !== '' && wish.type !== before.type)
      throw faults.refused({ why: 'group type cannot be changed' })
    if (wish.type !== undefined && !['', 'internal', 'external'].includes(wish.type))
      throw faults.refused({ why: `invalid group type ${goQuote(wish.type)}` })
    const group = before ?? this.#fresh(wish)
    if (group.type === 'external' && (wish.entityIds?.length ?? 0) > 0)
      throw faults.refused({ why: "member entities can't be set manually for external groups" })
    if (group.type === 'external' && (wish.groupIds?.length ?? 0) > 0)
      throw faults.refused({ why: "member groups can't be set for external groups" })
    if (wish.metadata !== undefined) checkLabels(wish.metadata, 'group')
    const next: IdentityGroup = {
      ...group,
      ...(wish.name && { name: wish.name }),
      ...(policies && { policies }),
      ...(wish.metadata && { metadata: wish.metadata }),
      updated: this.#now(),
      modifyIndex: group.modifyIndex + 1,
    }
    if (wish.entityIds !== undefined && group.type === 'internal') await this.#setMembers(tx, group.id, wish.entityIds)
    if (wish.groupIds !== undefined && group.type === 'internal') await this.#setChildren(tx, group.id, wish.groupIds)
    await store.putGroup(tx, next, before)
    return { group: next, isNew: before === undefined }
  }

  async #setMembers(tx: View, group: string, wanted: readonly string[]): Promise<void> {
    const { store } = this.#o
    const before = new Set(await store.members(tx, group))
    const after = new Set(wanted)
    for (const id of after) {
      if (before.has(id)) continue
      if ((await store.entity(tx, byId(id))) === undefined) throw faults.failedAs({ why: `invalid entity ID ${goQuote(id)}` })
      await store.addMember(tx, group, id)
    }
    for (const id of before) if (!after.has(id)) await store.removeMember(tx, group, id)
  }

  async #setChildren(tx: View, group: string, wanted: readonly string[]): Promise<void> {
    const { store } = this.#o
    const before = new Set(await store.children(tx, group))
    const after = new Set(wanted)
    const above = new Set(await store.above(tx, [group]))
    for (const id of after) {
      if (id === group) throw faults.failedAs({ why: `member group ID ${goQuote(id)} is same as the ID of the group` })
      if (before.has(id)) continue
      const child = await store.group(tx, byId(id))
      if (child === undefined) throw faults.failedAs({ why: `invalid member group ID ${goQuote(id)}` })
      if (above.has(id)) throw faults.refused({ why: `cyclic relationship detected for member group ID ${goQuote(id)}` })
      await store.addChild(tx, group, id)
      await this.#touch(tx, child)
    }
    for (const id of before) {
      if (after.has(id)) continue
      await store.removeChild(tx, group, id)
      const child = await store.group(tx, byId(id))
      if (child !== undefined) await this.#touch(tx, child)
    }
  }

  /** A group says how often it was changed, its place in others counting. */
  #touch(tx: View, group: IdentityGroup): Promise<void> {
    return this.#o.store.putGroup(tx, { ...group, modifyIndex: group.modifyIndex + 1 }, group)
  }

  /** `id`: that alias; else a new one, in place of the one that its group has. */
  async writeAlias(tx: View, id: string | undefined, wish: AliasWish): Promise<WrittenAlias> {
    const { store } = this.#o
    const owner = id === undefined ? undefined : await store.group(tx, { by: 'alias-id', id })
    if (id !== undefined && owner === undefined) throw faults.refused({ why: 'invalid group alias ID' })
    const { name = '', mountAccessor = '' } = wish
    if (name === '') throw faults.refused({ why: 'missing alias name' })
    if (mountAccessor === '') throw faults.refused({ why: 'missing mount_accessor' })
    const mount = this.#o.mountOf(mountAccessor)
    if (mount === undefined) throw faults.refused({ why: `invalid mount accessor ${goQuote(mountAccessor)}` })
    const target = await this.#target(tx, wish.canonicalId)
    const before = target ?? owner
    const holder = await store.group(tx, { by: 'alias', name, mountAccessor })
    if (holder !== undefined && (id === undefined || holder.alias?.id !== id))
      throw faults.refused({ why: 'combination of mount and group alias name is already in use' })
    const group = before ?? this.#fresh({ type: 'external' })
    const known = owner?.alias
    const alias: IdentityAlias = known
      ? { ...known, name, mountAccessor, updated: this.#now() }
      : this.#entities.freshAlias(mount, name, null)
    if (owner !== undefined && target !== undefined && owner.id !== target.id) await this.#setAlias(tx, owner, undefined)
    await store.putGroup(tx, { ...group, alias, updated: this.#now(), modifyIndex: group.modifyIndex + 1 }, before)
    return { id: alias.id, canonicalId: group.id, changed: true }
  }

  async #target(tx: View, id: string | undefined): Promise<IdentityGroup | undefined> {
    if (id === undefined || id === '') return undefined
    const group = await this.#o.store.group(tx, byId(id))
    if (group === undefined) throw faults.refused({ why: "invalid group ID given in 'canonical_id'" })
    if (group.type === 'internal') throw faults.refused({ why: "alias can't be set on an internal group" })
    return group
  }

  #setAlias(tx: View, { alias: before, ...group }: IdentityGroup, alias: IdentityAlias | undefined): Promise<void> {
    const next: IdentityGroup = { ...group, ...(alias && { alias }), modifyIndex: group.modifyIndex + 1 }
    return this.#o.store.putGroup(tx, next, { ...group, ...(before && { alias: before }) })
  }

  async deleteAlias(tx: View, id: string): Promise<void> {
    const owner = await this.#o.store.group(tx, { by: 'alias-id', id })
    if (owner !== undefined) await this.#setAlias(tx, owner, undefined)
  }

  /**
   * The external groups of this mount are those that its last login named: it joins those, and leaves the others. Groups of other mounts
   * are not the mount's to say. True when something changed.
   */
  async refresh(tx: View, entityId: string, mountAccessor: string, names: readonly string[]): Promise<boolean> {
    const { store } = this.#o
    const wanted = new Set<string>()
    for (const name of names) {
      const group = await store.group(tx, { by: 'alias', name, mountAccessor })
      if (group !== undefined) wanted.add(group.id)
    }
    let changed = false
    for (const id of await store.groupsOf(tx, entityId)) {
      if (wanted.delete(id)) continue
      const group = await store.group(tx, byId(id))
      if (group?.type !== 'external' || group.alias?.mountAccessor !== mountAccessor) continue
      await store.removeMember(tx, id, entityId)
      await this.#touch(tx, group)
      changed = true
    }
    for (const id of wanted) {
      const group = await store.group(tx, byId(id))
      if (group === undefined) continue
      await store.addMember(tx, id, entityId)
      await this.#touch(tx, group)
      changed = true
    }
    return changed
  }
}
