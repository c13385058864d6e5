import type { WireObject } from '../../../schema/index.ts'
import { f, type Decoded } from '../../../schema/index.ts'
import { gives, op, route, statefulFamily, type Family, type HandlersOf } from '../../framework/index.ts'
import { faults, type AliasWish, type WrittenAlias } from '../../logical/index.ts'
import { listedAlias, shownAlias } from './shown.ts'
import type { State } from './state.ts'

const fields = {
  name: f.string('Name by which the mount knows the entity; case does not count.'),
  mount_accessor: f.string('Accessor of the auth mount.'),
  canonical_id: f.string('Id of the entity.'),
  entity_id: f.string('Old name of canonical_id.').deprecated('use canonical_id'),
  custom_metadata: f.pairs('Metadata of your own, which policies may use.'),
} as const
type Input = Decoded<typeof fields>
interface GivenAlias {
  readonly name?: string
  readonly mountAccessor?: string
  readonly canonicalId?: string
  readonly entityId?: string
  readonly customMetadata?: ReadonlyMap<string, string>
}
const withId = { id: f.string('Id of the alias.'), ...fields } as const
const written = [gives.any('Ids of the alias and its entity, if something changed.'), gives.nothing] as const
const id = f.some('Id of the alias.')
const create = op({ doc: 'Create or change an alias of an entity.', input: withId, gives: written })
const byIdOps = {
  read: op({ doc: 'Read an alias.', gives: gives.any('The alias.') }),
  write: op({ doc: 'Change an alias.', input: fields, gives: written }),
  delete: op({ doc: 'Delete an alias.', gives: gives.nothing }),
}
const listOps = { list: op({ doc: 'List the aliases of entities.', gives: gives.keys }) }

const routes = {
  create: route('entity-alias', { doc: 'Create an alias of an entity, or change it.', ops: { write: create } }),
  oldCreate: route('alias', { doc: 'The same, under an old path.', ops: { write: create } }),
  byId: route('entity-alias/id/{id}', { doc: 'An alias of an entity.', params: { id }, ops: byIdOps }),
  oldById: route('alias/id/{id}', { doc: 'The same, under an old path.', params: { id }, ops: byIdOps }),
  list: route('entity-alias/id', { doc: 'All aliases of entities.', ops: listOps }),
  oldList: route('alias/id', { doc: 'The same, under an old path.', ops: listOps }),
  personaList: route('persona/id', { doc: 'The same, under an older path.', ops: listOps }),
}

/** Of an alias of an entity or a group. */
export function aliasWish(input: GivenAlias): AliasWish {
  const canonicalId = input.canonicalId || input.entityId
  return {
    ...(input.name !== undefined && { name: input.name }),
    ...(input.mountAccessor !== undefined && { mountAccessor: input.mountAccessor }),
    ...(canonicalId !== undefined && { canonicalId }),
    ...(input.customMetadata && { customMetadata: Object.fromEntries(input.customMetadata) }),
  }
}

export const writtenAlias = (it: WrittenAlias): { is: 'any'; data: WireObject } | { is: 'nothing' } =>
  it.changed ? { is: 'any', data: { canonical_id: it.canonicalId, id: it.id } } : { is: 'nothing' }

export const aliases: Family<State> = statefulFamily(routes, ({ identity, mountOf }: State): HandlersOf<typeof routes> => {
  const creating = {
    write: async ({ input }: { readonly input: Decoded<typeof withId> }): Promise<ReturnType<typeof writtenAlias>> =>
      writtenAlias(await identity.writeAlias(input.id || undefined, aliasWish(input))),
  }
  type ById = { readonly params: { readonly id: string } }
  const byId = {
    async read({ params }: ById): Promise<{ is: 'any'; data: WireObject }> {
      const found = await identity.alias(params.id)
      if (found === undefined) throw faults.notFound()
      return { is: 'any', data: shownAlias(found.alias, found.canonicalId, mountOf) }
    },
    write: async ({ params, input }: ById & { readonly input: Input }): Promise<ReturnType<typeof writtenAlias>> =>
      writtenAlias(await identity.writeAlias(params.id, aliasWish(input))),
    async delete({ params }: ById): Promise<{ is: 'nothing' }> {
      await identity.deleteAlias(params.id)
      return { is: 'nothing' }
    },
  }
  const listing = {
    async list(): Promise<{ is: 'keys'; keys: readonly string[]; info: WireObject }> {
      const info: Record<string, WireObject> = Object.create(null)
      for (const id of await identity.aliasIds()) {
        const found = await identity.alias(id)
        if (found !== undefined) info[id] = listedAlias(found.alias, found.canonicalId, mountOf)
      }
      return { is: 'keys', keys: Object.keys(info), info }
    },
  }
  return {
    create: creating,
    oldCreate: creating,
    byId,
    oldById: byId,
    list: listing,
    oldList: listing,
    personaList: listing,
  }
})
