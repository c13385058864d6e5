/** Who stands behind tokens: entities, the aliases by which auth methods know them, and groups of them. */
import type { TokenEntry } from './ports.ts'

export type Labels = Readonly<Record<string, string>>

/** A name by which an auth mount knows an entity or a group. Times are epoch milliseconds. */
export interface IdentityAlias {
  readonly id: string
  readonly name: string
  readonly mountAccessor: string
  /** What the last login said; null as long as none said anything. */
  readonly metadata: Labels | null
  /** What people gave it. */
  readonly customMetadata: Labels | null
  /** Of a mount that is local to its cluster. */
  readonly local: boolean
  readonly created: number
  readonly updated: number
  /** Entities that it belonged to before they were merged into another. */
  readonly mergedFrom: readonly string[]
}

export interface IdentityEntity {
  readonly id: string
  readonly name: string
  readonly metadata: Labels | null
  readonly policies: readonly string[]
  readonly disabled: boolean
  readonly created: number
  readonly updated: number
  readonly aliases: readonly IdentityAlias[]
  /** Entities that were merged into this one: their tokens are its tokens now. */
  readonly mergedIds: readonly string[]
}

export interface IdentityGroup {
  readonly id: string
  readonly name: string
  /** The members of an external group are those whose login named its alias. */
  readonly type: 'internal' | 'external'
  readonly metadata: Labels | null
  readonly policies: readonly string[]
  readonly created: number
  readonly updated: number
  readonly modifyIndex: number
  readonly alias?: IdentityAlias
}

export interface GroupMembers {
  readonly entityIds: readonly string[]
  readonly groupIds: readonly string[]
  readonly parentIds: readonly string[]
}
export interface GroupsOfEntity {
  /** Those that name it as a member. */
  readonly direct: readonly string[]
  /** Those above them. */
  readonly inherited: readonly string[]
}

/** How one of them is named in a look-up. */
export type IdentityKey =
  | { readonly by: 'id'; readonly id: string }
  | { readonly by: 'name'; readonly name: string }
  | { readonly by: 'alias-id'; readonly id: string }
  | { readonly by: 'alias'; readonly name: string; readonly mountAccessor: string }

/** What is absent stays as it was. */
export interface EntityWish {
  readonly name?: string
  readonly metadata?: Labels
  readonly policies?: readonly string[]
  readonly disabled?: boolean
}
export interface AliasWish {
  readonly name?: string
  readonly mountAccessor?: string
  /** Entity or group that it shall belong to. */
  readonly canonicalId?: string
  readonly customMetadata?: Labels
}
export interface GroupWish {
  readonly name?: string
  readonly type?: string
  readonly metadata?: Labels
  readonly policies?: readonly string[]
  readonly entityIds?: readonly string[]
  readonly groupIds?: readonly string[]
}
export interface MergeWish {
  readonly to: string
  readonly from: readonly string[]
  readonly aliasIdsToKeep: readonly string[]
}

export interface WrittenAlias {
  readonly id: string
  readonly canonicalId: string
  /** False: there was nothing to change. */
  readonly changed: boolean
}

/** Every refusal is a fault in the peer's words. */
export interface IdentityPort {
  entity(key: IdentityKey): Promise<IdentityEntity | undefined>
  entityIds(): Promise<readonly string[]>
  countEntities(): Promise<number>
  groupsOf(entityId: string): Promise<GroupsOfEntity>
  /** `at`: which to change; a name that is not there makes a new entity, as does `undefined`. */
  writeEntity(
    at: Extract<IdentityKey, { readonly by: 'id' | 'name' }> | undefined,
    wish: EntityWish,
  ): Promise<{ readonly entity: IdentityEntity; readonly isNew: boolean }>
  /** Absent is success. */
  deleteEntity(key: IdentityKey): Promise<void>
  merge(wish: MergeWish): Promise<void>

  alias(id: string): Promise<{ readonly alias: IdentityAlias; readonly canonicalId: string } | undefined>
  aliasIds(): Promise<readonly string[]>
  writeAlias(id: string | undefined, wish: AliasWish): Promise<WrittenAlias>
  deleteAlias(id: string): Promise<void>

  group(key: IdentityKey): Promise<IdentityGroup | undefined>
  groupIds(): Promise<readonly string[]>
  members(groupId: string): Promise<GroupMembers>
  writeGroup(
    at: Extract<IdentityKey, { readonly by: 'id' | 'name' }> | undefined,
    wish: GroupWish,
  ): Promise<{ readonly group: IdentityGroup; readonly isNew: boolean }>
  deleteGroup(key: IdentityKey): Promise<void>
  groupAlias(id: string): Promise<{ readonly alias: IdentityAlias; readonly canonicalId: string } | undefined>
  groupAliasIds(): Promise<readonly string[]>
  writeGroupAlias(id: string | undefined, wish: AliasWish): Promise<WrittenAlias>
  deleteGroupAlias(id: string): Promise<void>

  /** The entity behind an alias, made on first sight. Rejects when it is disabled. */
  entityOf(alias: { readonly mountAccessor: string; readonly name: string; readonly metadata?: Labels }): Promise<{ readonly id: string }>
  /** Policies that a token has by its entity and the groups of that, as of now; of a deleted entity none. */
  policiesOf(token: Pick<TokenEntry, 'entityId'>): Promise<readonly string[]>
}
