import { goQuote } from '../../../kernel/index.ts'
import { resolveTemplate } from '../../../policy/index.ts'
import {
  faults,
  type AliasWish,
  type EntityWish,
  type FilledTemplate,
  type GroupMembers,
  type GroupsOfEntity,
  type GroupWish,
  type IdentityAlias,
  type IdentityEntity,
  type IdentityGroup,
  type IdentityKey,
  type IdentityPort,
  type Labels,
  type MergeWish,
  type TokenEntry,
  type View,
  type WrittenAlias,
} from '../../logical/index.ts'
import { namespaceIn } from '../identifier.ts'
import { Entities, type IdentityParts } from './entities.ts'
import { Groups } from './groups.ts'
import { Holders, type Holder } from './holders.ts'
import { mergeEntities } from './merge.ts'
import { sameLabels } from './rules.ts'
import { IdentityStore } from './store.ts'

type At = Extract<IdentityKey, { readonly by: 'id' | 'name' }>
export interface Newcomer {
  readonly mountAccessor: string
  readonly name: string
  readonly metadata?: Labels
}

interface Parts extends IdentityParts {
  /** Those of another namespace, for a token that its maker from there brought its entity to. */
  readonly elsewhere?: (namespace: string | undefined) => Identity | undefined
}

/** The identity store: every change in one transaction, and forgotten by the cache of holders before it is answered. */
export class Identity implements IdentityPort {
  readonly #o: Parts
  readonly #entities: Entities
  readonly #groups: Groups
  readonly #holders: Holders

  private constructor(parts: Parts) {
    this.#o = parts
    this.#entities = new Entities(parts)
    this.#groups = new Groups(parts, this.#entities)
    this.#holders = new Holders(parts.store, parts.namespace?.path ?? '')
  }

  /** `view`: that of `identity/`. */
  static async open(view: View, parts: Omit<Parts, 'store'>): Promise<Identity> {
    return new Identity({ ...parts, store: await IdentityStore.open(view, parts.random) })
  }

  get #view(): View {
    return this.#o.store.view
  }

  // ---- who holds a token -------------------------------------------------------------------------------------------------

  /** Undefined: the token has no entity. Rejects when it has one that is deleted or disabled. */
  holderOf(token: Pick<TokenEntry, 'entityId'>): Holder | undefined | Promise<Holder> {
    if (token.entityId === '') return undefined
    const known = this.#holders.known(token.entityId)
    if (known !== undefined && !known.disabled) return known
    return this.#holders.of(token.entityId).then(holder => {
      if (holder === undefined || holder.disabled) throw faults.tokenRefused()
      return holder
    })
  }

  async policiesOf({ entityId }: Pick<TokenEntry, 'entityId'>): Promise<readonly string[]> {
    if (entityId === '') return []
    const { namespace, elsewhere } = this.#o
    const whose = namespaceIn(entityId)
    if (whose !== namespace?.id) return (await elsewhere?.(whose)?.policiesOf({ entityId })) ?? []
    return (await this.#holders.of(entityId))?.policies ?? []
  }

  /** A template of a mount, about the holder of a token. */
  async fill(template: string, entityId: string, forbidden: readonly string[], now: Date): Promise<FilledTemplate> {
    const { namespace, elsewhere } = this.#o
    const whose = namespaceIn(entityId)
    if (whose !== namespace?.id) return (await elsewhere?.(whose)?.fill(template, entityId, forbidden, now)) ?? { is: 'no entity' }
    const holder = entityId === '' ? undefined : await this.#holders.of(entityId)
    if (holder === undefined) return { is: 'no entity' }
    const resolved = resolveTemplate(template, { facts: holder.facts, namespace: namespace?.path ?? '', flags: {}, forbidden, now })
    if (resolved.is === 'text') return { is: 'text', text: resolved.text }
    const why =
      resolved.is === 'unresolved' ? resolved.wire : `template substitution contains forbidden value: ${goQuote(resolved.character)}`
    return { is: 'refused', why }
  }

  /** At a login: the entity behind an alias with what the login says of it, in the groups that the login names. */
  async logIn(
    { mountAccessor, name, metadata }: Newcomer,
    groupAliases: readonly string[],
  ): Promise<{ readonly holder: Holder; readonly isNew: boolean }> {
    const { id, isNew } = await this.#seen({ mountAccessor, name, ...(metadata && { metadata }) })
    let holder = await this.#holders.of(id)
    if (groupAliases.length > 0 || (holder !== undefined && holder.groups.direct.length > 0)) {
      await this.refreshGroups(id, mountAccessor, groupAliases)
      holder = await this.#holders.of(id)
    }
    if (holder === undefined || holder.disabled) throw faults.tokenRefused()
    return { holder, isNew }
  }

  async refreshGroups(entityId: string, mountAccessor: string, groupAliases: readonly string[]): Promise<void> {
    const changed = await this.#view.transact(tx => this.#groups.refresh(tx, entityId, mountAccessor, groupAliases))
    if (changed) this.#holders.forget(entityId)
  }

  async entityOf(alias: Newcomer): Promise<{ readonly id: string }> {
    const { id } = await this.#seen(alias)
    const holder = await this.#holders.of(id)
    if (holder === undefined || holder.disabled) throw faults.forbidden({ why: 'entity from given entity alias is disabled' })
    return { id }
  }

  async #seen(newcomer: Newcomer): Promise<{ readonly id: string; readonly isNew: boolean }> {
    const { store, mountOf } = this.#o
    const { mountAccessor, name, metadata } = newcomer
    if (name === '') throw faults.failed({ why: 'missing name in alias' })
    const key: IdentityKey = { by: 'alias', mountAccessor, name }
    const says = (entity: IdentityEntity): IdentityAlias | undefined => {
      // The same name in another case is the same alias, and leaves what is known of it as it is.
      const alias = entity.aliases.find(it => it.mountAccessor === mountAccessor && it.name === name)
      return alias && !sameLabels(alias.metadata, metadata ?? null) ? alias : undefined
    }
    const known = await store.entity(this.#view, key)
    if (known !== undefined && says(known) === undefined) return { id: known.id, isNew: false }
    const seen = await this.#view.transact(async tx => {
      const before = await store.entity(tx, key)
      const stale = before && says(before)
      if (before !== undefined && stale === undefined) return { id: before.id, isNew: false }
      const labels = metadata !== undefined && Object.keys(metadata).length > 0 ? metadata : null
      if (before !== undefined && stale !== undefined) {
        const updated = { ...stale, metadata: labels, updated: this.#o.clock.now().getTime() }
        await store.putEntity(tx, { ...before, aliases: before.aliases.map(it => (it.id === stale.id ? updated : it)) }, before)
        return { id: before.id, isNew: false }
      }
      const mount = mountOf(mountAccessor)
      if (mount === undefined) throw faults.internal({ cause: new Error('a login by a mount that is not there') })
      const entity = this.#entities.fresh({})
      const alias = { ...this.#entities.freshAlias(mount, name, null), metadata: labels }
      await store.putEntity(tx, { ...entity, aliases: [alias] }, undefined)
      return { id: entity.id, isNew: true }
    })
    this.#holders.forget(seen.id)
    return seen
  }

  // ---- entities ------------------------------------------------------------------------------------------------------------

  entity(key: IdentityKey): Promise<IdentityEntity | undefined> {
    return this.#o.store.entity(this.#view, key)
  }
  entityIds(): Promise<readonly string[]> {
    return this.#o.store.ids('entity')
  }
  countEntities(): Promise<number> {
    return this.#o.store.count('entity')
  }

  async groupsOf(entityId: string): Promise<GroupsOfEntity> {
    const direct = await this.#o.store.groupsOf(this.#view, entityId)
    return { direct, inherited: await this.#o.store.above(this.#view, direct) }
  }

  async writeEntity(at: At | undefined, wish: EntityWish): Promise<{ readonly entity: IdentityEntity; readonly isNew: boolean }> {
    const written = await this.#view.transact(tx => this.#entities.write(tx, at, wish))
    this.#holders.forget(written.entity.id)
    return written
  }

  async deleteEntity(key: IdentityKey): Promise<void> {
    const { store } = this.#o
    const gone = await this.#view.transact(async tx => {
      const entity = await store.entity(tx, key)
      if (entity !== undefined) await store.dropEntity(tx, entity)
      return entity?.id
    })
    if (gone !== undefined) this.#holders.forget(gone)
  }

  async merge(wish: MergeWish): Promise<void> {
    if (wish.to === '') throw faults.refused({ why: 'missing entity id to merge to' })
    if (wish.from.length === 0) throw faults.refused({ why: 'missing entity ids to merge from' })
    if (wish.from.includes(wish.to)) throw faults.refused({ why: 'to_entity_id should not be present in from_entity_ids' })
    await this.#view.transact(tx => mergeEntities(tx, this.#o.store, { ...wish, from: [...new Set(wish.from)] }))
    this.#holders.forgetAll()
  }

  // ---- aliases of entities -------------------------------------------------------------------------------------------------

  async alias(id: string): Promise<{ readonly alias: IdentityAlias; readonly canonicalId: string } | undefined> {
    const entity = await this.#o.store.entity(this.#view, { by: 'alias-id', id })
    const alias = entity?.aliases.find(it => it.id === id)
    return entity && alias && { alias, canonicalId: entity.id }
  }
  aliasIds(): Promise<readonly string[]> {
    return this.#o.store.ids('entity-alias')
  }
  async writeAlias(id: string | undefined, wish: AliasWish): Promise<WrittenAlias> {
    const written = await this.#view.transact(tx => this.#entities.writeAlias(tx, id, wish))
    // It may have left another entity.
    if (written.changed) this.#holders.forgetAll()
    return written
  }
  async deleteAlias(id: string): Promise<void> {
    const owner = await this.#view.transact(tx => this.#entities.deleteAlias(tx, id))
    if (owner !== undefined) this.#holders.forget(owner)
  }

  // ---- groups --------------------------------------------------------------------------------------------------------------

  group(key: IdentityKey): Promise<IdentityGroup | undefined> {
    return this.#o.store.group(this.#view, key)
  }
  groupIds(): Promise<readonly string[]> {
    return this.#o.store.ids('group')
  }
  async members(groupId: string): Promise<GroupMembers> {
    const { store } = this.#o
    const view = this.#view
    const [entityIds, groupIds, parentIds] = await Promise.all([
      store.members(view, groupId),
      store.children(view, groupId),
      store.parents(view, groupId),
    ])
    return { entityIds, groupIds, parentIds }
  }
  async writeGroup(at: At | undefined, wish: GroupWish): Promise<{ readonly group: IdentityGroup; readonly isNew: boolean }> {
    const written = await this.#view.transact(tx => this.#groups.write(tx, at, wish))
    this.#holders.forgetAll()
    return written
  }
  async deleteGroup(key: IdentityKey): Promise<void> {
    const { store } = this.#o
    await this.#view.transact(async tx => {
      const group = await store.group(tx, key)
      if (group !== undefined) await store.dropGroup(tx, group)
    })
    this.#holders.forgetAll()
  }
  async groupAlias(id: string): Promise<{ readonly alias: IdentityAlias; readonly canonicalId: string } | undefined> {
    const group = await this.#o.store.group(this.#view, { by: 'alias-id', id })
    return group?.alias && { alias: group.alias, canonicalId: group.id }
  }
  groupAliasIds(): Promise<readonly string[]> {
    return this.#o.store.ids('group-alias')
  }
  async writeGroupAlias(id: string | undefined, wish: AliasWish): Promise<WrittenAlias> {
    const written = await this.#view.transact(tx => this.#groups.writeAlias(tx, id, wish))
    this.#holders.forgetAll()
    return written
  }
  async deleteGroupAlias(id: string): Promise<void> {
    await this.#view.transact(tx => this.#groups.deleteAlias(tx, id))
    this.#holders.forgetAll()
  }

  forget(): void {
    this.#holders.forgetAll()
  }
}
