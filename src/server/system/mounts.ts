import { f } from '../../schema/index.ts'
import { gives, op, route, statefulFamily, type Family, type HandlersOf } from '../framework/index.ts'
import { faults, type MountEntry, type SystemPorts } from '../logical/index.ts'
import { mountInput, shown, wishOf } from './mount-wish.ts'
import { tune, tuned, tuneInput } from './tune.ts'

const path = f.some('Where it is mounted.')
const routes = {
  all: route('mounts', {
    doc: 'All secrets engines.',
    alsoTopLevel: true,
    ops: { read: op({ doc: 'List the mounted secrets engines.', gives: gives.any('Path to mount.') }) },
  }),
  one: route('mounts/{path...}', {
    doc: 'A mounted secrets engine.',
    params: { path },
    alsoTopLevel: true,
    ops: {
      read: op({ doc: 'Describe a mount.', gives: gives.any('The mount.') }),
      write: op({ doc: 'Mount a secrets engine.', input: mountInput, gives: gives.nothing }),
      delete: op({ doc: 'Unmount a secrets engine, with all that it holds.', gives: gives.nothing }),
    },
  }),
  tune: route('mounts/{path...}/tune', {
    doc: 'What can be changed on a mounted secrets engine.',
    params: { path },
    alsoTopLevel: true,
    ops: {
      read: op({ doc: 'Show the settings in force.', gives: gives.any('The settings.') }),
      write: op({ doc: 'Change settings; what is not said stays.', input: tuneInput, gives: gives.nothing }),
    },
  }),
}

export const mounts: Family<SystemPorts> = statefulFamily(routes, (ports: SystemPorts): HandlersOf<typeof routes> => ({
  all: {
    read: async () => ({
      is: 'any',
      data: Object.fromEntries(ports.mounts.list('secret').map(it => [it.path, shown(it, ports.facts().version)])),
    }),
  },
  one: {
    async read({ params }) {
      const at = bare(params.path)
      const entry = ports.mounts.find('secret', at)
      if (entry === undefined) throw faults.refused({ why: `No secret engine mount at ${at}/` })
      return { is: 'any', data: shown(entry, ports.facts().version) }
    },
    async write({ params, input }) {
      await ports.mounts.enable('secret', bare(params.path), wishOf('secret', input))
      return { is: 'nothing' }
    },
    async delete({ params }) {
      await ports.mounts.disable('secret', bare(params.path))
      return { is: 'nothing' }
    },
  },
  tune: {
    read: async ({ params }) => ({ is: 'any', data: tuned(ports, tunable(ports, params.path)) }),
    async write({ params, input, warn }) {
      const entry = known(ports, params.path)
      if (entry === undefined) throw faults.refused({ why: `tune of path "${bare(params.path)}/" failed: no mount entry found` })
      const warning = await tune(ports, entry, input)
      if (warning !== undefined) warn(warning)
      return { is: 'nothing' }
    },
  },
}))

const bare = (given: string): string => given.replace(/\/+$/, '')

/** Auth mounts can be tuned here too, under their full path. */
function known(ports: SystemPorts, given: string): MountEntry | undefined {
  const at = bare(given)
  return at.startsWith('auth/') ? ports.mounts.find('auth', at.slice('auth/'.length)) : ports.mounts.find('secret', at)
}

function tunable(ports: SystemPorts, given: string): MountEntry {
  const entry = known(ports, given)
  if (entry === undefined) throw faults.refused({ why: `cannot fetch sysview for path "${bare(given)}/"` })
  return entry
}
