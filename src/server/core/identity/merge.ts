import { faults, type IdentityAlias, type IdentityEntity, type MergeWish, type View } from '../../logical/index.ts'
import type { IdentityStore } from './store.ts'

/**
 * Makes one entity of several: aliases and memberships move, and tokens of the others are its tokens from then on. An entity has one alias a
 * mount, so of two on the same mount the caller must say which one stays.
 */
export async function mergeEntities(tx: View, store: IdentityStore, wish: MergeWish): Promise<void> {
  let to = await existing(tx, store, wish.to, 'to')
  const from = await Promise.all(wish.from.map(id => existing(tx, store, id, 'from')))
  refuseConflicts(to, from, wish)
  for (const entity of from) {
    const keep = new Set(wish.aliasIdsToKeep)
    const clashing = (it: IdentityAlias, others: readonly IdentityAlias[]): boolean =>
      others.some(other => other.mountAccessor === it.mountAccessor)
    const moving = entity.aliases
      .filter(it => !clashing(it, to.aliases) || keep.has(it.id))
      .map(it => ({ ...it, mergedFrom: [...it.mergedFrom, entity.id] }))
    const staying = to.aliases.filter(it => !clashing(it, moving))
    const groups = await store.groupsOf(tx, entity.id)
    await store.dropEntity(tx, entity)
    const next: IdentityEntity = {
      ...to,
      aliases: [...staying, ...moving],
      mergedIds: [...to.mergedIds, ...entity.mergedIds, entity.id],
    }
    await store.putEntity(tx, next, to)
    for (const group of groups) await store.addMember(tx, group, to.id)
    // Dropping it took away what pointed at it.
    for (const merged of entity.mergedIds) await tx.put(`merged/${merged}`, Buffer.from(to.id))
    to = next
  }
}

async function existing(tx: View, store: IdentityStore, id: string, which: 'to' | 'from'): Promise<IdentityEntity> {
  const entity = await store.entity(tx, { by: 'id', id })
  if (entity === undefined) throw faults.refused({ why: `entity id to merge ${which} is invalid` })
  return entity
}

function refuseConflicts(to: IdentityEntity, from: readonly IdentityEntity[], { aliasIdsToKeep }: MergeWish): void {
  const clashes: string[] = []
  const seen = to.aliases.map(alias => ({ alias, entity: to }))
  for (const entity of from) {
    for (const alias of entity.aliases) {
      const other = seen.find(it => it.alias.mountAccessor === alias.mountAccessor)
      if (other === undefined) continue
      const settled = from.length === 1 && aliasIdsToKeep.some(id => id === alias.id || id === other.alias.id)
      if (settled) continue
      clashes.push(
        `mountAccessor: ${alias.mountAccessor}, toEntity ID: ${other.entity.id}, fromEntity ID: ${entity.id}, conflicting toEntity alias ID: ${other.alias.id}, conflicting fromEntity alias ID: ${alias.id}`,
      )
    }
    seen.push(...entity.aliases.map(alias => ({ alias, entity })))
  }
  if (clashes.length === 0) return
  const heading =
    'toEntity and at least one fromEntity have aliases with the same mount accessor, repeat the merge request specifying exactly one fromEntity, clashes: '
  const lines = [heading, ...clashes]
  throw faults.refused({ why: `${lines.length} errors occurred:\n${lines.map(it => `\t* ${it}\n`).join('')}\n` })
}
