/** Entities, aliases and groups as the API shows them. */
import { rfc3339Nano } from '../../../kernel/index.ts'
import type { WireObject } from '../../../schema/index.ts'
import {
  type GroupMembers,
  type GroupsOfEntity,
  type IdentityAlias,
  type IdentityEntity,
  type IdentityGroup,
  type Labels,
  type MountEntry,
  ROOT_NAMESPACE,
} from '../../logical/index.ts'

/** Ids end with that of their namespace, but in the root one. */
const namespaceOf = (id: string): string => (id.includes('.') ? id.slice(id.lastIndexOf('.') + 1) : ROOT_NAMESPACE.id)

export type MountOf = (accessor: string) => MountEntry | undefined

/** Where an alias is from, as of now; of a mount that is gone nothing is known but its accessor. */
function mountFacts({ mountAccessor }: IdentityAlias, mountOf: MountOf): WireObject {
  const mount = mountOf(mountAccessor)
  const path = mount && (mount.table === 'auth' ? `auth/${mount.path}` : mount.path)
  return { mount_accessor: mountAccessor, ...(mount && { mount_path: path, mount_type: mount.type }) }
}

const orNull = <T>(items: readonly T[]): readonly T[] | null => (items.length === 0 ? null : items)

const labels = (it: Labels | null): Labels | null => (it === null || Object.keys(it).length === 0 ? null : it)

const times = (it: { readonly created: number; readonly updated: number }): WireObject => ({
  creation_time: rfc3339Nano(it.created),
  last_update_time: rfc3339Nano(it.updated),
})

export const shownAlias = (alias: IdentityAlias, canonicalId: string, mountOf: MountOf): WireObject => ({
  ...aliasOfEntity(alias, canonicalId, mountOf),
  namespace_id: namespaceOf(alias.id),
})

const aliasOfGroup = (alias: IdentityAlias, canonicalId: string, mountOf: MountOf): WireObject => ({
  canonical_id: canonicalId,
  ...times(alias),
  id: alias.id,
  merged_from_canonical_ids: orNull(alias.mergedFrom),
  metadata: labels(alias.metadata),
  ...mountFacts(alias, mountOf),
  name: alias.name,
})

const aliasOfEntity = (alias: IdentityAlias, canonicalId: string, mountOf: MountOf): WireObject => ({
  ...aliasOfGroup(alias, canonicalId, mountOf),
  custom_metadata: labels(alias.customMetadata),
  local: alias.local,
})

export const listedAlias = (alias: IdentityAlias, canonicalId: string, mountOf: MountOf): WireObject => ({
  canonical_id: canonicalId,
  custom_metadata: labels(alias.customMetadata),
  local: alias.local,
  metadata: labels(alias.metadata),
  ...mountFacts(alias, mountOf),
  name: alias.name,
})

export const shownEntity = (entity: IdentityEntity, groups: GroupsOfEntity, mountOf: MountOf): WireObject => ({
  aliases: entity.aliases.map(it => aliasOfEntity(it, entity.id, mountOf)),
  ...times(entity),
  direct_group_ids: groups.direct,
  disabled: entity.disabled,
  group_ids: [...groups.direct, ...groups.inherited],
  id: entity.id,
  inherited_group_ids: groups.inherited,
  merged_entity_ids: orNull(entity.mergedIds),
  metadata: labels(entity.metadata),
  name: entity.name,
  namespace_id: namespaceOf(entity.id),
  policies: entity.policies,
})

export const listedEntity = (entity: IdentityEntity, mountOf: MountOf): WireObject => ({
  ...(entity.aliases.length > 0 && {
    aliases: entity.aliases.map(it => ({ id: it.id, ...mountFacts(it, mountOf), name: it.name })),
  }),
  name: entity.name,
})

export const shownGroup = (group: IdentityGroup, members: GroupMembers, mountOf: MountOf): WireObject => ({
  alias: group.alias ? aliasOfGroup(group.alias, group.id, mountOf) : {},
  ...times(group),
  id: group.id,
  member_entity_ids: orNull(members.entityIds),
  member_group_ids: orNull(members.groupIds),
  metadata: labels(group.metadata),
  modify_index: group.modifyIndex,
  name: group.name,
  namespace_id: namespaceOf(group.id),
  parent_group_ids: orNull(members.parentIds),
  policies: orNull(group.policies),
  type: group.type,
})
