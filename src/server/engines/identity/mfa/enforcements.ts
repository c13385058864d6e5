import { f, type WireObject } from '../../../../schema/index.ts'
import { gives, op, route, statefulFamily, type Family, type HandlersOf } from '../../../framework/index.ts'
import { faults, type MfaEnforcement, type MfaPort } from '../../../logical/index.ts'
import type { State } from '../state.ts'

const fields = {
  mfa_method_ids: f.strings('Methods of which one has to be shown.'),
  auth_method_accessors: f.strings('Logins by these auth mounts.'),
  auth_method_types: f.strings('Logins by auth mounts of these types.'),
  identity_group_ids: f.strings('Logins of members of these groups.'),
  identity_entity_ids: f.strings('Logins of these entities.'),
}

const routes = {
  all: route('mfa/login-enforcement', {
    doc: 'Which logins need a second factor.',
    ops: { list: op({ doc: 'List the enforcements.', gives: gives.keys }) },
  }),
  one: route('mfa/login-enforcement/{name}', {
    doc: 'An enforcement: which logins need which methods.',
    params: { name: f.name('Name of the enforcement.') },
    ops: {
      read: op({ doc: 'Read the enforcement.', gives: gives.any('The enforcement.') }),
      write: op({ doc: 'Make the enforcement, or change what is given.', input: fields, gives: gives.nothing }),
      delete: op({ doc: 'Delete the enforcement.', gives: gives.nothing }),
    },
  }),
}

const shown = (it: MfaEnforcement, { namespace }: MfaPort): WireObject => ({
  auth_method_accessors: it.accessors,
  auth_method_types: it.types,
  id: it.id,
  identity_entity_ids: it.entityIds,
  identity_group_ids: it.groupIds,
  mfa_method_ids: it.methodIds,
  name: it.name,
  namespace_id: namespace.id,
  namespace_path: namespace.path,
})

export const mfaEnforcements: Family<State> = statefulFamily(routes, ({ mfa }: State): HandlersOf<typeof routes> => ({
  all: {
    async list() {
      const all = await mfa.enforcements()
      return { is: 'keys', keys: all.map(it => it.name), info: Object.fromEntries(all.map(it => [it.name, shown(it, mfa)])) }
    },
  },
  one: {
    async read({ params }) {
      const enforcement = await mfa.enforcement(params.name)
      if (enforcement === undefined) throw faults.notFound()
      return { is: 'any', data: shown(enforcement, mfa) }
    },
    async write({ params, input }) {
      const { mfaMethodIds: methodIds, authMethodAccessors, authMethodTypes, identityGroupIds, identityEntityIds } = input
      if (methodIds === undefined) throw faults.refused({ why: 'missing method ids' })
      await mfa.writeEnforcement(params.name, {
        methodIds,
        accessors: authMethodAccessors,
        types: authMethodTypes,
        groupIds: identityGroupIds,
        entityIds: identityEntityIds,
      })
      return { is: 'nothing' }
    },
    async delete({ params }) {
      await mfa.deleteEnforcement(params.name)
      return { is: 'nothing' }
    },
  },
}))
