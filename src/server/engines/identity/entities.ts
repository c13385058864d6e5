import type { WireObject } from '../../../schema/index.ts'
import { f, type Decoded } from '../../../schema/index.ts'
import { gives, op, route, statefulFamily, type Family, type HandlersOf } from '../../framework/index.ts'
import { faults, type EntityWish, type IdentityKey } from '../../logical/index.ts'
import { listedEntity, shownAlias, shownEntity } from './shown.ts'
import type { State } from './state.ts'

const fields = {
  name: f.string('Name of the entity; case does not count.'),
  metadata: f.pairs('Metadata, which policies may use.'),
  policies: f.strings('Policies that its tokens have besides their own.'),
  disabled: f.bool('Whether its tokens are refused.'),
} as const
type Input = Decoded<typeof fields>
const ids = { id: f.string('Id of the entity.') } as const
const written = gives.any('The entity, if it is new.')
const described = gives.any('The entity.')

const routes = {
  create: route('entity', {
    doc: 'Create an entity, or change the one of that id or name.',
    ops: { write: op({ doc: 'Create or change an entity.', input: { ...ids, ...fields }, gives: [written, gives.nothing] }) },
  }),
  persona: route('persona', {
    doc: 'The same, under an old path.',
    ops: { write: op({ doc: 'Create or change an entity.', input: { ...ids, ...fields }, gives: [written, gives.nothing] }) },
  }),
  personaById: route('persona/id/{id}', {
    doc: 'An alias is read and deleted under this old path, but what is written is an entity.',
    params: { id: f.some('Id of the alias, or of the entity to change.') },
    ops: {
      read: op({ doc: 'Read an alias.', gives: gives.any('The alias.') }),
      write: op({ doc: 'Change an entity.', input: fields, gives: [written, gives.nothing] }),
      delete: op({ doc: 'Delete an alias.', gives: gives.nothing }),
    },
  }),
  byId: route('entity/id/{id}', {
    doc: 'An entity by its id.',
    params: { id: f.some('Id of the entity.') },
    ops: {
      read: op({ doc: 'Read an entity.', gives: described }),
      write: op({ doc: 'Change an entity.', input: fields, gives: [written, gives.nothing] }),
      delete: op({ doc: 'Delete an entity, which ends what its tokens may do.', gives: gives.nothing }),
    },
  }),
  byName: route('entity/name/{name...}', {
    doc: 'An entity by its name.',
    params: { name: f.some('Name of the entity; case does not count.') },
    ops: {
      read: op({ doc: 'Read an entity.', gives: described }),
      write: op({ doc: 'Create or change an entity.', input: { ...ids, ...fields }, gives: [written, gives.nothing] }),
      delete: op({ doc: 'Delete an entity, which ends what its tokens may do.', gives: gives.nothing }),
    },
  }),
  listIds: route('entity/id', { doc: 'All entities by id.', ops: { list: op({ doc: 'List the entities by id.', gives: gives.keys }) } }),
  listNames: route('entity/name', {
    doc: 'All entities by name.',
    ops: { list: op({ doc: 'List the entities by name.', gives: gives.keys }) },
  }),
  batchDelete: route('entity/batch-delete', {
    doc: 'Delete entities.',
    ops: {
      write: op({
        doc: 'Delete entities; those that are not there count as deleted.',
        input: { entity_ids: f.strings('Ids of the entities.') },
        gives: gives.nothing,
      }),
    },
  }),
  merge: route('entity/merge', {
    doc: 'Make one entity of several.',
    ops: {
      write: op({
        doc: 'Move aliases and memberships of entities to another one, and delete them.',
        input: {
          from_entity_ids: f.strings('Ids of the entities that end.'),
          to_entity_id: f.string('Id of the entity that stays.'),
          conflicting_alias_ids_to_keep: f.strings('Of two aliases on the same mount, the one that stays.'),
          force: f.bool('Has no effect.'),
        },
        gives: gives.nothing,
      }),
    },
  }),
}

const wishOf = (input: Input): EntityWish => ({
  ...(input.name !== undefined && { name: input.name }),
  ...(input.metadata && { metadata: Object.fromEntries(input.metadata) }),
  ...(input.policies && { policies: input.policies }),
  ...(input.disabled !== undefined && { disabled: input.disabled }),
})

export const entities: Family<State> = statefulFamily(routes, ({ identity, mountOf }: State): HandlersOf<typeof routes> => {
  const read = async (key: IdentityKey): Promise<{ is: 'any'; data: WireObject }> => {
    const entity = await identity.entity(key)
    if (entity === undefined) throw faults.notFound()
    return { is: 'any', data: shownEntity(entity, await identity.groupsOf(entity.id), mountOf) }
  }
  const write = async (
    at: Extract<IdentityKey, { readonly by: 'id' | 'name' }> | undefined,
    wish: EntityWish,
  ): Promise<{ is: 'any'; data: WireObject } | { is: 'nothing' }> => {
    const { entity, isNew } = await identity.writeEntity(at, wish)
    return isNew ? { is: 'any', data: { aliases: null, id: entity.id, name: entity.name } } : { is: 'nothing' }
  }
  const remove = async (key: IdentityKey): Promise<{ is: 'nothing' }> => {
    await identity.deleteEntity(key)
    return { is: 'nothing' }
  }
  const create = (input: Input & { readonly id?: string }): ReturnType<typeof write> =>
    write(input.id ? { by: 'id', id: input.id } : undefined, wishOf(input))
  return {
    create: { write: ({ input }) => create(input) },
    persona: { write: ({ input }) => create(input) },
    personaById: {
      async read({ params }) {
        const found = await identity.alias(params.id)
        if (found === undefined) throw faults.notFound()
        return { is: 'any', data: shownAlias(found.alias, found.canonicalId, mountOf) }
      },
      write: ({ params, input }) => write({ by: 'id', id: params.id }, wishOf(input)),
      async delete({ params }) {
        await identity.deleteAlias(params.id)
        return { is: 'nothing' }
      },
    },
    byId: {
      read: ({ params }) => read({ by: 'id', id: params.id }),
      write: ({ params, input }) => write({ by: 'id', id: params.id }, wishOf(input)),
      delete: ({ params }) => remove({ by: 'id', id: params.id }),
    },
    byName: {
      read: ({ params }) => read({ by: 'name', name: params.name }),
      async write({ params, input }) {
        const known = input.id ? await identity.entity({ by: 'id', id: input.id }) : undefined
        if (input.id && known === undefined) throw faults.refused({ why: 'entity not found from id' })
        return write(known ? { by: 'id', id: known.id } : { by: 'name', name: params.name }, { ...wishOf(input), name: params.name })
      },
      delete: ({ params }) => remove({ by: 'name', name: params.name }),
    },
    listIds: {
      async list() {
        const info: Record<string, WireObject> = Object.create(null)
        for (const id of await identity.entityIds()) {
          const entity = await identity.entity({ by: 'id', id })
          if (entity !== undefined) info[id] = listedEntity(entity, mountOf)
        }
        return { is: 'keys', keys: Object.keys(info), info }
      },
    },
    listNames: {
      async list() {
        const keys: string[] = []
        for (const id of await identity.entityIds()) {
          const entity = await identity.entity({ by: 'id', id })
          if (entity !== undefined) keys.push(entity.name)
        }
        return { is: 'keys', keys }
      },
    },
    batchDelete: {
      async write({ input }) {
        const wanted = input.entityIds ?? []
        if (wanted.length === 0) throw faults.refused({ why: 'missing entity ids to delete' })
        for (const id of wanted) await identity.deleteEntity({ by: 'id', id })
        return { is: 'nothing' }
      },
    },
    merge: {
      async write({ input }) {
        await identity.merge({
          to: input.toEntityId ?? '',
          from: input.fromEntityIds ?? [],
          aliasIdsToKeep: input.conflictingAliasIdsToKeep ?? [],
        })
        return { is: 'nothing' }
      },
    },
  }
})
