/**
 * Requests that are about a token or a lease belong to the namespace of that: they are led there, whichever they were sent to, and what the
 * caller may is judged there (advisories GHSA-c36x-h252-g9x2, CVE-2026-45808, CVE-2026-40264).
 */
import type { TokenEntry } from '../../logical/index.ts'
import { namespaceIn } from '../identifier.ts'
import type { Leases } from '../leases.ts'
import type { Passage } from '../passage.ts'
import type { Tokens } from '../tokens.ts'
import { Wrapping } from '../wrapping.ts'

const OF_SELF: ReadonlySet<string> = new Set(['auth/token/lookup-self', 'auth/token/renew-self', 'auth/token/revoke-self'])
const OF_TOKEN: ReadonlySet<string> = new Set(['auth/token/lookup', 'auth/token/renew', 'auth/token/revoke', 'auth/token/revoke-orphan'])
const OF_LEASE = /^sys\/leases\/(?:lookup|renew|revoke)(?:$|\/(?<id>.+))/

type Found = { readonly namespace: string | undefined } | undefined

/** How ids in the namespace end that the request belongs to; undefined where it belongs to the one that it was sent to. */
export function ledTo(passage: Passage, tokens: Tokens, leases: Leases): Promise<Found> | undefined {
  const { path, request } = passage
  if (path.startsWith('auth/token/')) {
    if (OF_SELF.has(path)) return ofToken(tokens, request.token)
    return OF_TOKEN.has(path) ? ofToken(tokens, request.data['token']) : undefined
  }
  if (path === 'sys/wrapping/unwrap') return ofWrapping(passage, tokens)
  const lease = request.op === 'write' && path.startsWith('sys/leases/') ? OF_LEASE.exec(path) : null
  return lease === null ? undefined : ofLease(passage, lease.groups?.['id'], leases)
}

const at = (entry: TokenEntry): Found => ({ namespace: entry.namespace })

async function ofToken(tokens: Tokens, token: unknown): Promise<Found> {
  const entry = typeof token === 'string' && token !== '' ? await tokens.lookup(token) : undefined
  return entry && at(entry)
}

/** A wrapping token that is spent by itself. */
async function ofWrapping({ request }: Passage, tokens: Tokens): Promise<Found> {
  const given = request.data['token']
  if (request.token === undefined || (given !== undefined && given !== '' && given !== request.token)) return undefined
  const entry = await tokens.lookup(request.token)
  return entry && Wrapping.isWrapping(entry) ? at(entry) : undefined
}

async function ofLease({ request }: Passage, inPath: string | undefined, leases: Leases): Promise<Found> {
  const { lease_id: inBody, url_lease_id: inBodyToo } = request.data
  const id = [inBody, inBodyToo, inPath].find(it => typeof it === 'string' && it !== '') as string | undefined
  if (id === undefined || (await leases.look(id)) === undefined) return undefined
  return { namespace: namespaceIn(id) }
}
