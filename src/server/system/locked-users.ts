import { f, type WireObject } from '../../schema/index.ts'
import { gives, op, route, statefulFamily, type Family, type HandlersOf } from '../framework/index.ts'
import type { LockedUser, NamespaceRef, SystemPorts } from '../logical/index.ts'

const routes = {
  all: route('locked-users', {
    doc: 'Users who are locked out after too many wrong passwords.',
    ops: {
      read: op({
        doc: 'Count and list them.',
        input: { mount_accessor: f.string('Only those of this auth mount.').default('') },
        gives: gives.any('The users, by namespace and mount.'),
      }),
    },
  }),
  unlock: route('locked-users/{mount_accessor}/unlock/{alias_identifier...}', {
    doc: 'A user who may be locked out.',
    params: { mount_accessor: f.some('Accessor of the auth mount.'), alias_identifier: f.some('Name of the user there.') },
    ops: { write: op({ doc: 'Let the user log in again.', gives: gives.nothing }) },
  }),
}

export const lockedUsers: Family<SystemPorts> = statefulFamily(
  routes,
  ({ lockout, namespaces }: SystemPorts): HandlersOf<typeof routes> => ({
    all: {
      async read({ input: { mountAccessor } }) {
        const { here } = namespaces
        const locked = lockout
          .locked()
          .filter(it => it.namespace.path.startsWith(here.path) && (mountAccessor === '' || it.mountAccessor === mountAccessor))
        const below = [...new Map(locked.map(it => [it.namespace.id, it.namespace])).values()].filter(it => it.id !== here.id)
        const groups = [here, ...below.sort((a, b) => (a.path < b.path ? -1 : 1))]
        return { is: 'any', data: { by_namespace: groups.map(it => shownNamespace(it, mountAccessor, locked)), total: locked.length } }
      },
    },
    unlock: {
      async write({ params }) {
        await lockout.unlock(params.mountAccessor, params.aliasIdentifier)
        return { is: 'nothing' }
      },
    },
  }),
)

function shownNamespace({ id, path }: NamespaceRef, mountAccessor: string, all: readonly LockedUser[]): WireObject {
  const locked = all.filter(it => it.namespace.id === id)
  const accessors = mountAccessor === '' ? [...new Set(locked.map(it => it.mountAccessor))].sort() : [mountAccessor]
  return {
    namespace_id: id,
    namespace_path: path,
    counts: locked.length,
    mount_accessors: accessors.map(accessor => shown(accessor, locked)),
  }
}

interface Shown {
  readonly mount_accessor: string
  readonly counts: number
  readonly alias_identifiers: readonly string[] | null
}

function shown(accessor: string, locked: readonly LockedUser[]): Shown {
  const names = locked.filter(it => it.mountAccessor === accessor).map(it => it.alias)
  return { mount_accessor: accessor, counts: names.length, alias_identifiers: names.length === 0 ? null : names.sort() }
}
