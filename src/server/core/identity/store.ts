/**
 * Entities and groups in the store, and the ways to find them:
 *
 *     salt                       32 random bytes
 *     entity/<id>                an entity with its aliases
 *     entity-name/<hash>         → id
 *     entity-alias/<alias id>    → id of its entity
 *     entity-by-alias/<hash>     → id of the entity with this alias (mount accessor and name)
 *     merged/<id>                → id of the entity that it was merged into
 *     group/<id>                 a group with its alias
 *     group-name/<hash>, group-alias/<alias id>, group-by-alias/<hash>
 *     member/<group>/<entity>    and member-of/<entity>/<group>
 *     child/<group>/<group>      and child-of/<child>/<group>
 *
 * 1. A record and all that points at it change in one transaction, so nothing has to be rebuilt when the server is unsealed, and what is
 *    held in memory is a cache. 2. Names and aliases have no case. 3. A membership is a record of its own: a group may have any number.
 *
 * The hashes are salted, else a reader of the raw store could try out names, which people choose.
 */
import { createHmac, createSecretKey, type KeyObject } from 'node:crypto'
import { lowerCase, type Random } from '../../../kernel/index.ts'
import type { IdentityAlias, IdentityEntity, IdentityGroup, IdentityKey, View } from '../../logical/index.ts'
import { encodeRecord, keysBelow, readRecord } from '../record.ts'

const EMPTY = new Uint8Array(0)
const text = (bytes: Uint8Array): string => Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength).toString()
type Kind = 'entity' | 'group'

export class IdentityStore {
  readonly view: View
  readonly #salt: KeyObject

  private constructor(view: View, salt: Uint8Array) {
    this.view = view
    this.#salt = createSecretKey(salt)
  }

  static async open(view: View, random: Random): Promise<IdentityStore> {
    const salt = await view.transact(async tx => {
      const known = await tx.get('salt')
      if (known !== undefined) return known
      const fresh = random.bytes(32)
      await tx.put('salt', fresh)
      return fresh
    })
    return new IdentityStore(view, salt)
  }

  #hash(...parts: readonly string[]): string {
    return createHmac('sha256', this.#salt).update(parts.map(lowerCase).join('\0')).digest('hex')
  }
  #nameAt(kind: Kind, name: string): string {
    return `${kind}-name/${this.#hash(name)}`
  }
  #aliasAt(kind: Kind, mountAccessor: string, name: string): string {
    return `${kind}-by-alias/${this.#hash(mountAccessor, name)}`
  }

  async #idAt(view: View, key: string): Promise<string | undefined> {
    const bytes = await view.get(key)
    return bytes && text(bytes)
  }

  #id(view: View, kind: Kind, key: IdentityKey): Promise<string | undefined> | string {
    switch (key.by) {
      case 'id':
        return key.id
      case 'name':
        return this.#idAt(view, this.#nameAt(kind, key.name))
      case 'alias-id':
        return this.#idAt(view, `${kind}-alias/${key.id}`)
      case 'alias':
        return this.#idAt(view, this.#aliasAt(kind, key.mountAccessor, key.name))
    }
  }

  async entity(view: View, key: IdentityKey): Promise<IdentityEntity | undefined> {
    const id = await this.#id(view, 'entity', key)
    return id === undefined || !isKey(id) ? undefined : readRecord<IdentityEntity>(view, `entity/${id}`)
  }

  async group(view: View, key: IdentityKey): Promise<IdentityGroup | undefined> {
    const id = await this.#id(view, 'group', key)
    return id === undefined || !isKey(id) ? undefined : readRecord<IdentityGroup>(view, `group/${id}`)
  }

  /** Where the tokens of a merged entity belong. */
  mergedInto(view: View, id: string): Promise<string | undefined> {
    return this.#idAt(view, `merged/${id}`)
  }

  ids(what: 'entity' | 'group' | 'entity-alias' | 'group-alias'): Promise<readonly string[]> {
    return this.view.list(`${what}/`)
  }

  async count(what: 'entity'): Promise<number> {
    let count = 0
    for await (const _ of keysBelow(this.view, `${what}/`)) count++
    return count
  }

  // ---- changes, inside a transaction -----------------------------------------------------------------------------------

  async putEntity(tx: View, next: IdentityEntity, before: IdentityEntity | undefined): Promise<void> {
    await this.#reindex(tx, 'entity', next.id, before, next, before?.aliases ?? [], next.aliases)
    for (const merged of next.mergedIds) if (!before?.mergedIds.includes(merged)) await tx.put(`merged/${merged}`, Buffer.from(next.id))
    await tx.put(`entity/${next.id}`, encodeRecord(next))
  }

  /** `mergedInto`: what points at it lives on there. */
  async dropEntity(tx: View, entity: IdentityEntity): Promise<void> {
    await this.#reindex(tx, 'entity', entity.id, entity, undefined, entity.aliases, [])
    for (const id of await tx.list(`member-of/${entity.id}/`)) {
      await this.removeMember(tx, id, entity.id)
      const group = await readRecord<IdentityGroup>(tx, `group/${id}`)
      if (group !== undefined) await tx.put(`group/${id}`, encodeRecord({ ...group, modifyIndex: group.modifyIndex + 1 }))
    }
    for (const merged of entity.mergedIds) await tx.delete(`merged/${merged}`)
    await tx.delete(`entity/${entity.id}`)
  }

  async putGroup(tx: View, next: IdentityGroup, before: IdentityGroup | undefined): Promise<void> {
    await this.#reindex(tx, 'group', next.id, before, next, listOf(before?.alias), listOf(next.alias))
    await tx.put(`group/${next.id}`, encodeRecord(next))
  }

  async dropGroup(tx: View, group: IdentityGroup): Promise<void> {
    await this.#reindex(tx, 'group', group.id, group, undefined, listOf(group.alias), [])
    for (const entity of await tx.list(`member/${group.id}/`)) await this.removeMember(tx, group.id, entity)
    for (const child of await tx.list(`child/${group.id}/`)) await this.removeChild(tx, group.id, child)
    for (const parent of await tx.list(`child-of/${group.id}/`)) await this.removeChild(tx, parent, group.id)
    await tx.delete(`group/${group.id}`)
  }

  async #reindex(
    tx: View,
    kind: Kind,
    id: string,
    before: { readonly name: string } | undefined,
    next: { readonly name: string } | undefined,
    aliasesBefore: readonly IdentityAlias[],
    aliases: readonly IdentityAlias[],
  ): Promise<void> {
    const target = Buffer.from(id)
    if (before !== undefined && before.name !== next?.name) await tx.delete(this.#nameAt(kind, before.name))
    if (next !== undefined) await tx.put(this.#nameAt(kind, next.name), target)
    for (const alias of aliasesBefore) {
      const same = aliases.find(it => it.id === alias.id)
      if (same === undefined) await tx.delete(`${kind}-alias/${alias.id}`)
      if (same?.name !== alias.name || same.mountAccessor !== alias.mountAccessor)
        await tx.delete(this.#aliasAt(kind, alias.mountAccessor, alias.name))
    }
    for (const alias of aliases) {
      await tx.put(`${kind}-alias/${alias.id}`, target)
      await tx.put(this.#aliasAt(kind, alias.mountAccessor, alias.name), target)
    }
  }

  // ---- memberships -------------------------------------------------------------------------------------------------------

  members(view: View, group: string): Promise<readonly string[]> {
    return view.list(`member/${group}/`)
  }
  groupsOf(view: View, entity: string): Promise<readonly string[]> {
    return view.list(`member-of/${entity}/`)
  }
  children(view: View, group: string): Promise<readonly string[]> {
    return view.list(`child/${group}/`)
  }
  parents(view: View, group: string): Promise<readonly string[]> {
    return view.list(`child-of/${group}/`)
  }

  async addMember(tx: View, group: string, entity: string): Promise<void> {
    await tx.put(`member/${group}/${entity}`, EMPTY)
    await tx.put(`member-of/${entity}/${group}`, EMPTY)
  }
  async removeMember(tx: View, group: string, entity: string): Promise<void> {
    await tx.delete(`member/${group}/${entity}`)
    await tx.delete(`member-of/${entity}/${group}`)
  }
  async addChild(tx: View, group: string, child: string): Promise<void> {
    await tx.put(`child/${group}/${child}`, EMPTY)
    await tx.put(`child-of/${child}/${group}`, EMPTY)
  }
  async removeChild(tx: View, group: string, child: string): Promise<void> {
    await tx.delete(`child/${group}/${child}`)
    await tx.delete(`child-of/${child}/${group}`)
  }

  /** Every group above these, without themselves, nearest first. No group is above itself: that is refused when it is written. */
  async above(view: View, groups: readonly string[]): Promise<readonly string[]> {
    const seen = new Set(groups)
    const found: string[] = []
    for (let level = groups; level.length > 0;) {
      const next: string[] = []
      for (const group of level) {
        for (const parent of await this.parents(view, group)) {
          if (seen.has(parent)) continue
          seen.add(parent)
          next.push(parent)
        }
      }
      found.push(...next)
      level = next
    }
    return found
  }
}

const listOf = <T>(it: T | undefined): readonly T[] => (it === undefined ? [] : [it])

/** Ids are made here; what is asked for may be anything. */
const isKey = (id: string): boolean => /^[\w-]{1,64}(?:\.\w{1,16})?$/.test(id)
