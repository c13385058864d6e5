import { f } from '../../../../schema/index.ts'
import { anyBody, family, gives, op, route, type Call, type Family } from '../../../framework/index.ts'

const free = { input: anyBody('Nothing that is used.'), gives: gives.any('Never: a 404 that says what to do.'), internal: true }

const routes = {
  elsewhere: route('{path...}', {
    doc: 'Every other path: what clients of version 1 ask for.',
    params: { path: f.string('Any path.') },
    ops: {
      read: op({ doc: 'Explain.', ...free }),
      list: op({ doc: 'Explain.', ...free }),
      scan: op({ doc: 'Explain.', ...free }),
      write: op({ doc: 'Explain.', ...free }),
      patch: op({ doc: 'Explain.', ...free }),
      delete: op({ doc: 'Explain.', ...free }),
    },
  }),
}

const ROOTS = new Set(['metadata', 'data', 'delete', 'undelete', 'destroy'])

const explain = (verb: string) =>
  async function explanation({ path, warn }: Pick<Call, 'path' | 'warn'>): Promise<{ is: 'any'; data: null; status: number }> {
    warn(
      ROOTS.has(path)
        ? 'Non-listing operations on the root of a K/V v2 mount are not supported.'
        : `Invalid path for a versioned K/V secrets engine. See the API docs for the appropriate API endpoints to use. If using the OpenBao CLI, use 'bao kv ${verb}' for this operation.`,
    )
    return { is: 'any', data: null, status: 404 }
  }

export const elsewhere: Family = family(routes, {
  elsewhere: {
    read: explain('get'),
    list: explain('list'),
    scan: explain('scan'),
    write: explain('put'),
    patch: explain('patch'),
    delete: explain('delete'),
  },
})
