import type { WireObject } from '../../../schema/index.ts'
import { f, type Decoded } from '../../../schema/index.ts'
import { gives, op, route, statefulFamily, type Family, type HandlersOf } from '../../framework/index.ts'
import { faults, type GroupWish, type IdentityKey } from '../../logical/index.ts'
import { aliasWish, writtenAlias } from './aliases.ts'
import { listedAlias, shownAlias, shownGroup } from './shown.ts'
import type { State } from './state.ts'

const fields = {
  name: f.string('Name of the group; case does not count.'),
  type: f.string('internal: the members are written here; external: they are those whose login names its alias.'),
  metadata: f.pairs('Metadata, which policies may use.'),
  policies: f.strings('Policies that tokens of its members have besides their own.'),
  member_entity_ids: f.strings('Ids of the entities in it.'),
  member_group_ids: f.strings('Ids of the groups in it.'),
} as const
type Input = Decoded<typeof fields>
const ids = { id: f.string('Id of the group.') } as const
const written = [gives.any('The group, if it is new.'), gives.nothing] as const
const described = gives.any('The group.')
const aliasFields = {
  name: f.string('Name by which the mount knows the group; case does not count.'),
  mount_accessor: f.string('Accessor of the auth mount.'),
  canonical_id: f.string('Id of the external group; without one, a new group is made.'),
} as const
const writtenAliasGives = [gives.any('Ids of the alias and its group.'), gives.nothing] as const

const routes = {
  create: route('group', {
    doc: 'Create a group, or change the one of that id or name.',
    ops: { write: op({ doc: 'Create or change a group.', input: { ...ids, ...fields }, gives: written }) },
  }),
  byId: route('group/id/{id}', {
    doc: 'A group by its id.',
    params: { id: f.some('Id of the group.') },
    ops: {
      read: op({ doc: 'Read a group.', gives: described }),
      write: op({ doc: 'Change a group.', input: fields, gives: written }),
      delete: op({ doc: 'Delete a group.', gives: gives.nothing }),
    },
  }),
  byName: route('group/name/{name...}', {
    doc: 'A group by its name.',
    params: { name: f.some('Name of the group; case does not count.') },
    ops: {
      read: op({ doc: 'Read a group.', gives: described }),
      write: op({ doc: 'Create or change a group.', input: { ...ids, ...fields }, gives: written }),
      delete: op({ doc: 'Delete a group.', gives: gives.nothing }),
    },
  }),
  listIds: route('group/id', { doc: 'All groups by id.', ops: { list: op({ doc: 'List the groups by id.', gives: gives.keys }) } }),
  listNames: route('group/name', { doc: 'All groups by name.', ops: { list: op({ doc: 'List the groups by name.', gives: gives.keys }) } }),
  createAlias: route('group-alias', {
    doc: 'Create the alias of an external group, or change it.',
    ops: {
      write: op({
        doc: 'Create or change an alias of a group.',
        input: { id: f.string('Id of the alias.'), ...aliasFields },
        gives: writtenAliasGives,
      }),
    },
  }),
  alias: route('group-alias/id/{id}', {
    doc: 'An alias of an external group.',
    params: { id: f.some('Id of the alias.') },
    ops: {
      read: op({ doc: 'Read an alias of a group.', gives: gives.any('The alias.') }),
      write: op({ doc: 'Change an alias of a group.', input: aliasFields, gives: writtenAliasGives }),
      delete: op({ doc: 'Delete an alias of a group.', gives: gives.nothing }),
    },
  }),
  listAliases: route('group-alias/id', {
    doc: 'All aliases of groups.',
    ops: { list: op({ doc: 'List the aliases of groups.', gives: gives.keys }) },
  }),
}

const wishOf = (input: Input): GroupWish => ({
  ...(input.name !== undefined && { name: input.name }),
  ...(input.type !== undefined && { type: input.type }),
  ...(input.metadata && { metadata: Object.fromEntries(input.metadata) }),
  ...(input.policies && { policies: input.policies }),
  ...(input.memberEntityIds && { entityIds: input.memberEntityIds }),
  ...(input.memberGroupIds && { groupIds: input.memberGroupIds }),
})

export const groups: Family<State> = statefulFamily(routes, ({ identity, mountOf }: State): HandlersOf<typeof routes> => {
  const read = async (key: IdentityKey): Promise<{ is: 'any'; data: WireObject }> => {
    const group = await identity.group(key)
    if (group === undefined) throw faults.notFound()
    return { is: 'any', data: shownGroup(group, await identity.members(group.id), mountOf) }
  }
  const write = async (
    at: Extract<IdentityKey, { readonly by: 'id' | 'name' }> | undefined,
    wish: GroupWish,
  ): Promise<{ is: 'any'; data: WireObject } | { is: 'nothing' }> => {
    const { group, isNew } = await identity.writeGroup(at, wish)
    return isNew ? { is: 'any', data: { id: group.id, name: group.name } } : { is: 'nothing' }
  }
  const remove = async (key: IdentityKey): Promise<{ is: 'nothing' }> => {
    await identity.deleteGroup(key)
    return { is: 'nothing' }
  }
  return {
    create: { write: ({ input }) => write(input.id ? { by: 'id', id: input.id } : undefined, wishOf(input)) },
    byId: {
      read: ({ params }) => read({ by: 'id', id: params.id }),
      write: ({ params, input }) => write({ by: 'id', id: params.id }, wishOf(input)),
      delete: ({ params }) => remove({ by: 'id', id: params.id }),
    },
    byName: {
      read: ({ params }) => read({ by: 'name', name: params.name }),
      async write({ params, input }) {
        const known = await identity.group({ by: 'name', name: params.name })
        return write(known ? { by: 'id', id: known.id } : { by: 'name', name: params.name }, { ...wishOf(input), name: params.name })
      },
      delete: ({ params }) => remove({ by: 'name', name: params.name }),
    },
    listIds: {
      async list() {
        const info: Record<string, WireObject> = Object.create(null)
        for (const id of await identity.groupIds()) {
          const group = await identity.group({ by: 'id', id })
          if (group === undefined) continue
          const members = await identity.members(id)
          info[id] = {
            name: group.name,
            num_member_entities: members.entityIds.length,
            num_parent_groups: members.parentIds.length,
            ...(group.alias && { alias: aliasInList(group.alias.id, shownAlias(group.alias, id, mountOf)) }),
          }
        }
        return { is: 'keys', keys: Object.keys(info), info }
      },
    },
    listNames: {
      async list() {
        const keys: string[] = []
        for (const id of await identity.groupIds()) {
          const group = await identity.group({ by: 'id', id })
          if (group !== undefined) keys.push(group.name)
        }
        return { is: 'keys', keys }
      },
    },
    createAlias: { write: async ({ input }) => writtenAlias(await identity.writeGroupAlias(input.id || undefined, aliasWish(input))) },
    alias: {
      async read({ params }) {
        const found = await identity.groupAlias(params.id)
        if (found === undefined) throw faults.notFound()
        return { is: 'any', data: shownAlias(found.alias, found.canonicalId, mountOf) }
      },
      write: async ({ params, input }) => writtenAlias(await identity.writeGroupAlias(params.id, aliasWish(input))),
      async delete({ params }) {
        await identity.deleteGroupAlias(params.id)
        return { is: 'nothing' }
      },
    },
    listAliases: {
      async list() {
        const info: Record<string, WireObject> = Object.create(null)
        for (const id of await identity.groupAliasIds()) {
          const found = await identity.groupAlias(id)
          if (found !== undefined) info[id] = listedAlias(found.alias, found.canonicalId, mountOf)
        }
        return { is: 'keys', keys: Object.keys(info), info }
      },
    },
  }
})

const aliasInList = (id: string, shown: WireObject): WireObject => ({
  id,
  mount_accessor: shown['mount_accessor'],
  mount_path: shown['mount_path'],
  mount_type: shown['mount_type'],
  name: shown['name'],
})
