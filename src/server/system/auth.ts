import { f } from '../../schema/index.ts'
import { gives, op, route, statefulFamily, type Family, type HandlersOf } from '../framework/index.ts'
import { faults, type MountEntry, type SystemPorts } from '../logical/index.ts'
import { mountInput, shown, wishOf } from './mount-wish.ts'
import { tune, tuned, tuneInput } from './tune.ts'

const path = f.some('Where it is mounted, below auth/.')
const routes = {
  all: route('auth', {
    doc: 'All auth methods.',
    alsoTopLevel: true,
    ops: { read: op({ doc: 'List the enabled auth methods.', gives: gives.any('Path to mount.') }) },
  }),
  one: route('auth/{path...}', {
    doc: 'An enabled auth method.',
    params: { path },
    access: 'sudo',
    alsoTopLevel: true,
    ops: {
      read: op({ doc: 'Describe an auth method.', gives: gives.any('The mount.') }),
      write: op({ doc: 'Enable an auth method.', input: mountInput, gives: gives.nothing }),
      delete: op({ doc: 'Disable an auth method, revoking what it granted.', gives: gives.nothing }),
    },
  }),
  tune: route('auth/{path...}/tune', {
    doc: 'What can be changed on an auth method.',
    params: { path },
    access: 'sudo',
    alsoTopLevel: true,
    ops: {
      read: op({ doc: 'Show the settings in force.', gives: gives.any('The settings.') }),
      write: op({ doc: 'Change settings; what is not said stays.', input: tuneInput, gives: gives.nothing }),
    },
  }),
}

export const auth: Family<SystemPorts> = statefulFamily(routes, (ports: SystemPorts): HandlersOf<typeof routes> => ({
  all: {
    read: async () => ({
      is: 'any',
      data: Object.fromEntries(ports.mounts.list('auth').map(it => [it.path, shown(it, ports.facts().version)])),
    }),
  },
  one: {
    async read({ params }) {
      const at = bare(params.path)
      const entry = ports.mounts.find('auth', at)
      if (entry === undefined) throw faults.refused({ why: `No auth engine at ${at}/` })
      return { is: 'any', data: shown(entry, ports.facts().version) }
    },
    async write({ params, input }) {
      await ports.mounts.enable('auth', bare(params.path), wishOf('auth', input))
      return { is: 'nothing' }
    },
    async delete({ params }) {
      await ports.mounts.disable('auth', bare(params.path))
      return { is: 'nothing' }
    },
  },
  tune: {
    read: async ({ params }) => ({ is: 'any', data: tuned(ports, tunable(ports, params.path)) }),
    async write({ params, input }) {
      const at = bare(params.path)
      const entry = ports.mounts.find('auth', at)
      if (entry === undefined) throw faults.refused({ why: `tune of path "auth/${at}/" failed: no mount entry found` })
      await tune(ports, entry, input)
      return { is: 'nothing' }
    },
  },
}))

const bare = (given: string): string => given.replace(/\/+$/, '')

function tunable(ports: SystemPorts, given: string): MountEntry {
  const at = bare(given)
  const entry = ports.mounts.find('auth', at)
  if (entry === undefined) throw faults.refused({ why: `cannot fetch sysview for path "auth/${at}/"` })
  return entry
}
