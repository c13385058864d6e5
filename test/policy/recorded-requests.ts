import { parseDuration } from '../../src/kernel/index.ts'
import { type AccessOp, type AccessQuery, asksForSudo } from '../../src/policy/index.ts'
import { filledIn, type RecordedRequest } from './recorded-cases.ts'

/** What the recording server held where a write is a create if there is nothing yet. */
const STORED = new Set(['acl1/old', 'acl1/tmp', 'acl1/dir/k1', 'acl2/data/app', 'acl2/data/team/x'])

/** A recorded request as the pipeline would ask it; undefined for one that is refused before any rule is asked. */
export function queryOf(request: RecordedRequest, stored: Set<string>): AccessQuery | undefined {
  const [path = '', search = ''] = filledIn(request.path).split('?')
  if (request.method === 'OPTIONS' || path.toLowerCase().includes('..%2f')) return undefined
  const query = new URLSearchParams(search)
  const op = opOf(request, path, query, stored)
  for (const word of ['help', 'list', 'scan']) query.delete(word)
  const wrap = request.headers?.['X-Vault-Wrap-TTL']
  const listing = op === 'list' || op === 'scan'
  const asked = listing && !path.endsWith('/') ? `${path}/` : path
  return {
    path,
    op,
    data: request.body ?? Object.fromEntries(query),
    wrapTtl: wrap === undefined ? undefined : parseDuration(wrap),
    sudoPath: asksForSudo(asked),
  }
}

export const startingStore = (): Set<string> => new Set(STORED)

function opOf({ method }: RecordedRequest, path: string, query: URLSearchParams, stored: Set<string>): AccessOp {
  if (method === 'LIST' || query.has('list')) return 'list'
  if (method === 'SCAN' || query.has('scan')) return 'scan'
  if (method === 'PATCH') return 'patch'
  if (method === 'DELETE') return 'delete'
  if (method === 'GET') return query.has('help') ? 'help' : 'read'
  return !/^(acl1|acl2\/data)\//.test(path) || stored.has(path) ? 'update' : 'create'
}
