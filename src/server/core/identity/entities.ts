import { goQuote, type Clock, type Random } from '../../../kernel/index.ts'
import {
  faults,
  type AliasWish,
  type EntityWish,
  type IdentityAlias,
  type IdentityEntity,
  type IdentityKey,
  type Labels,
  type MountEntry,
  type NamespaceRef,
  type View,
  type WrittenAlias,
} from '../../logical/index.ts'
import { withNamespace } from '../identifier.ts'
import { checkCustomLabels, checkLabels, givenName, identityPolicies } from './rules.ts'
import type { IdentityStore } from './store.ts'

export interface IdentityParts {
  readonly store: IdentityStore
  readonly clock: Clock
  readonly random: Random
  /** The auth mount of an accessor. */
  readonly mountOf: (accessor: string) => MountEntry | undefined
  /** Whose entities and groups these are; absent: the root one's. */
  readonly namespace?: NamespaceRef
}

const byId = (id: string): IdentityKey => ({ by: 'id', id })

/** Entities and their aliases: what may be written, and what is written then. Runs inside a transaction that the caller opens. */
export class Entities {
  readonly #o: IdentityParts

  constructor(parts: IdentityParts) {
    this.#o = parts
  }

  #now(): number {
    return this.#o.clock.now().getTime()
  }

  fresh(wish: EntityWish): IdentityEntity {
    const now = this.#now()
    const { random } = this.#o
    return {
      id: withNamespace(random.uuid(), this.#o.namespace?.id),
      name: wish.name || givenName(random, 'entity', this.#o.namespace?.id),
      metadata: wish.metadata ?? null,
      policies: wish.policies ?? [],
      disabled: wish.disabled ?? false,
      created: now,
      updated: now,
      aliases: [],
      mergedIds: [],
    }
  }

  async write(
    tx: View,
    at: Extract<IdentityKey, { readonly by: 'id' | 'name' }> | undefined,
    given: EntityWish,
  ): Promise<{ readonly entity: IdentityEntity; readonly isNew: boolean }> {
    const { store } = this.#o
    const wish: EntityWish = { ...given, ...(given.policies && { policies: identityPolicies(given.policies) }) }
    if (wish.metadata !== undefined) checkLabels(wish.metadata, 'entity')
    let before = at && (await store.entity(tx, at))
    if (at?.by === 'id' && before === undefined) throw faults.refused({ why: 'entity not found from id' })
    if (wish.name !== undefined && wish.name !== '') {
      const holder = await store.entity(tx, { by: 'name', name: wish.name })
      if (at === undefined) before = holder
      else if (holder !== undefined && holder.id !== before?.id) throw faults.refused({ why: 'entity name is already in use' })
    }
    if (before === undefined) {
      const entity = this.fresh(wish)
      await store.putEntity(tx, entity, undefined)
      return { entity, isNew: true }
    }
    const entity: IdentityEntity = {
      ...before,
      ...(wish.name && { name: wish.name }),
      ...(wish.metadata && { metadata: wish.metadata }),
      ...(wish.policies && { policies: wish.policies }),
      ...(wish.disabled !== undefined && { disabled: wish.disabled }),
      updated: this.#now(),
    }
    await store.putEntity(tx, entity, before)
    return { entity, isNew: false }
  }

  #mount(accessor: string): MountEntry {
    const mount = this.#o.mountOf(accessor)
    if (mount === undefined) throw faults.refused({ why: `invalid mount accessor ${goQuote(accessor)}` })
    return mount
  }

  freshAlias(mount: Pick<MountEntry, 'accessor' | 'local'>, name: string, customMetadata: Labels | null): IdentityAlias {
    const now = this.#now()
    return {
      id: withNamespace(this.#o.random.uuid(), this.#o.namespace?.id),
      name,
      mountAccessor: mount.accessor,
      metadata: null,
      customMetadata,
      local: mount.local,
      created: now,
      updated: now,
      mergedFrom: [],
    }
  }

  /** `id`: that alias; else the one with the mount and name of the wish, made when there is none. */
  async writeAlias(tx: View, id: string | undefined, wish: AliasWish): Promise<WrittenAlias> {
    const { store } = this.#o
    if (wish.customMetadata !== undefined) checkCustomLabels(wish.customMetadata)
    const { name = '', mountAccessor = '' } = wish
    if (id === undefined && (name === '' || mountAccessor === ''))
      throw faults.refused({ why: "'id' or 'mount_accessor' and 'name' must be provided" })
    if (mountAccessor !== '') this.#mount(mountAccessor)
    const owner = await store.entity(tx, id === undefined ? { by: 'alias', name, mountAccessor } : { by: 'alias-id', id })
    if (id !== undefined && owner === undefined) throw faults.refused({ why: 'invalid alias ID provided' })
    const alias = owner?.aliases.find(it => (id === undefined ? it.mountAccessor === mountAccessor : it.id === id))
    if (owner === undefined || alias === undefined) return this.#createAlias(tx, name, mountAccessor, wish)
    return this.#updateAlias(tx, owner, alias, wish)
  }

  async #target(tx: View, id: string | undefined, why: string): Promise<IdentityEntity | undefined> {
    if (id === undefined || id === '') return undefined
    const entity = await this.#o.store.entity(tx, byId(id))
    if (entity === undefined) throw faults.refused({ why })
    return entity
  }

  async #createAlias(tx: View, name: string, mountAccessor: string, wish: AliasWish): Promise<WrittenAlias> {
    const target = await this.#target(tx, wish.canonicalId, 'invalid canonical ID')
    if (target?.aliases.some(it => it.mountAccessor === mountAccessor))
      throw faults.refused({ why: 'Alias already exists for requested entity and mount accessor' })
    const alias = this.freshAlias(this.#mount(mountAccessor), name, wish.customMetadata ?? null)
    const entity = target ?? this.fresh({})
    await this.#o.store.putEntity(tx, { ...entity, aliases: [...entity.aliases, alias] }, target)
    return { id: alias.id, canonicalId: entity.id, changed: true }
  }

  async #updateAlias(tx: View, owner: IdentityEntity, alias: IdentityAlias, wish: AliasWish): Promise<WrittenAlias> {
    const { store } = this.#o
    const target = (await this.#target(tx, wish.canonicalId, "given 'canonical_id' is not associated with an entity")) ?? owner
    const next: IdentityAlias = {
      ...alias,
      name: wish.name || alias.name,
      mountAccessor: wish.mountAccessor || alias.mountAccessor,
      customMetadata: wish.customMetadata ?? alias.customMetadata,
    }
    const moved = target.id !== owner.id
    const renamed = next.name !== alias.name || next.mountAccessor !== alias.mountAccessor
    const relabelled = wish.customMetadata !== undefined
    if (!moved && !renamed && !relabelled) return { id: alias.id, canonicalId: owner.id, changed: false }
    if (renamed) {
      const holder = await store.entity(tx, { by: 'alias', name: next.name, mountAccessor: next.mountAccessor })
      // The same name in another case is the same alias.
      if (holder !== undefined && !holder.aliases.some(it => it.id === alias.id))
        throw faults.refused({ why: 'alias with combination of mount accessor and name already exists' })
    }
    if (target.aliases.some(it => it.mountAccessor === next.mountAccessor && it.id !== alias.id))
      throw faults.refused({
        why: `Alias cannot be updated as the ${moved ? 'given entity already has an alias for this mount ' : "entity already has an alias for the given 'mount_accessor' "}`,
      })
    const stamped: IdentityAlias = { ...next, updated: this.#now() }
    if (moved) {
      await store.putEntity(tx, { ...owner, aliases: owner.aliases.filter(it => it.id !== alias.id) }, owner)
      await store.putEntity(tx, { ...target, aliases: [...target.aliases, stamped] }, target)
    } else {
      await store.putEntity(tx, { ...owner, aliases: owner.aliases.map(it => (it.id === alias.id ? stamped : it)) }, owner)
    }
    return { id: alias.id, canonicalId: target.id, changed: true }
  }

  async deleteAlias(tx: View, id: string): Promise<string | undefined> {
    const owner = await this.#o.store.entity(tx, { by: 'alias-id', id })
    if (owner === undefined) return undefined
    await this.#o.store.putEntity(tx, { ...owner, aliases: owner.aliases.filter(it => it.id !== id) }, owner)
    return owner.id
  }
}
