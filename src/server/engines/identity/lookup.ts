import { f, type Decoded } from '../../../schema/index.ts'
import { gives, op, route, statefulFamily, type Family, type HandlersOf } from '../../framework/index.ts'
import { faults, type IdentityKey } from '../../logical/index.ts'
import { shownEntity, shownGroup } from './shown.ts'
import type { State } from './state.ts'

const fields = {
  id: f.string('Id to look for.'),
  name: f.string('Name to look for.'),
  alias_id: f.string('Id of an alias to look for.'),
  alias_name: f.string('Name of an alias to look for; with alias_mount_accessor.'),
  alias_mount_accessor: f.string('Accessor of the mount of the alias.'),
} as const

const routes = {
  entity: route('lookup/entity', {
    doc: 'Look up an entity.',
    ops: { write: op({ doc: 'Look up an entity by one property.', input: fields, gives: [gives.any('The entity.'), gives.nothing] }) },
  }),
  group: route('lookup/group', {
    doc: 'Look up a group.',
    ops: { write: op({ doc: 'Look up a group by one property.', input: fields, gives: [gives.any('The group.'), gives.nothing] }) },
  }),
}

function keyOf(input: Decoded<typeof fields>): IdentityKey {
  const { id = '', name = '', aliasId = '', aliasName = '', aliasMountAccessor: mountAccessor = '' } = input
  const keys: IdentityKey[] = []
  if (id !== '') keys.push({ by: 'id', id })
  if (name !== '') keys.push({ by: 'name', name })
  if (aliasId !== '') keys.push({ by: 'alias-id', id: aliasId })
  if (aliasName !== '' || mountAccessor !== '') keys.push({ by: 'alias', name: aliasName, mountAccessor })
  const [key] = keys
  if (key === undefined) throw faults.refused({ why: 'query parameter not supplied' })
  if (keys.length > 1) throw faults.refused({ why: 'query parameter conflict; please supply distinct set of query parameters' })
  if (key.by === 'alias' && (key.name === '' || key.mountAccessor === ''))
    throw faults.refused({ why: "both 'alias_name' and 'alias_mount_accessor' needs to be set" })
  return key
}

export const lookup: Family<State> = statefulFamily(routes, ({ identity, mountOf }: State): HandlersOf<typeof routes> => ({
  entity: {
    async write({ input }) {
      const entity = await identity.entity(keyOf(input))
      if (entity === undefined) return { is: 'nothing' }
      return { is: 'any', data: shownEntity(entity, await identity.groupsOf(entity.id), mountOf) }
    },
  },
  group: {
    async write({ input }) {
      const group = await identity.group(keyOf(input))
      if (group === undefined) return { is: 'nothing' }
      return { is: 'any', data: shownGroup(group, await identity.members(group.id), mountOf) }
    },
  },
}))
