import { stringifyJson } from '../../kernel/index.ts'
import type { WireObject } from '../../schema/index.ts'
import { f } from '../../schema/index.ts'
import { gives, op, route, statefulFamily, type Family, type HandlersOf } from '../framework/index.ts'
import { faults, type MountEntry, type SystemPorts } from '../logical/index.ts'
import { shown } from './mount-wish.ts'

const routes = {
  mounts: route('internal/ui/mounts', {
    doc: 'The mounts that a caller may know of.',
    access: 'public',
    ops: {
      read: op({
        doc: 'List the mounts that the caller may see; without a token, those made visible to all.',
        gives: gives.any('Mounts by table.'),
      }),
    },
  }),
  openapi: route('internal/specs/openapi', {
    doc: 'This API as an OpenAPI document.',
    ops: {
      read: op({ doc: 'Describe every route of every mount.', gives: gives.raw('application/json') }),
      write: op({ doc: 'The same.', gives: gives.raw('application/json') }),
    },
  }),
  mount: route('internal/ui/mounts/{path...}', {
    doc: 'The mount behind a path.',
    params: { path: f.some('Any path below the mount.') },
    access: 'public',
    ops: { read: op({ doc: 'Describe the mount behind a path, to a token that reaches anything in it.', gives: gives.any('The mount.') }) },
  }),
}

const document = (paths: WireObject, version: string): WireObject => ({
  openapi: '3.0.2',
  info: {
    title: 'Lockstep API',
    description: 'The HTTP API of this server, as it is mounted now. All paths are below `/v1/`.',
    version,
  },
  paths,
})

/** What the field's command lines ask to learn the version of a kv mount. Absent and forbidden look alike. */
export const internal: Family<SystemPorts> = statefulFamily(routes, (ports: SystemPorts): HandlersOf<typeof routes> => ({
  openapi: { read: async () => specification(ports), write: async () => specification(ports) },
  mounts: {
    async read({ caller }) {
      if (caller.badToken) throw faults.tokenRefused()
      const tables: Record<'secret' | 'auth', Record<string, WireObject>> = { auth: {}, secret: {} }
      for (const table of ['auth', 'secret'] as const) {
        for (const entry of ports.mounts.list(table)) {
          const path = table === 'auth' ? `auth/${entry.path}` : entry.path
          const visible = entry.config.listingVisibility === 'unauth'
          if (caller.token && (visible || (await ports.policies.mayReach(caller.token, path))))
            tables[table][entry.path] = shown(entry, ports.facts().version)
          else if (visible && !caller.token) tables[table][entry.path] = publicFacts(entry)
        }
      }
      return { is: 'any', data: tables }
    },
  },
  mount: {
    async read({ params, caller }) {
      if (caller.token === undefined) throw faults.tokenRefused()
      const path = params.path.endsWith('/') ? params.path : `${params.path}/`
      const found = ports.places.mountOf(path)
      if (found === undefined || !(await ports.policies.mayReach(caller.token, found.path)))
        throw faults.preflightRefused({ path: params.path.replace(/\/+$/, '') })
      const isHere = found.namespace.id === ports.namespaces.here.id
      const shownPath = isHere ? found.entry.path : ports.namespaces.here.path + found.path
      return { is: 'any', data: { ...shown(found.entry, ports.facts().version), path: shownPath } }
    },
  },
}))

const publicFacts = (entry: MountEntry): WireObject => ({ description: entry.description, options: entry.options, type: entry.type })

const specification = (ports: SystemPorts): { is: 'raw'; body: Uint8Array } => ({
  is: 'raw',
  body: Buffer.from(stringifyJson(document(ports.mounts.describe(), ports.facts().version))),
})
