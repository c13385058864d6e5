import type { Answer, Client, ClientRequest, Envelope } from '../../client/index.ts'
import type { Secret } from '../output/index.ts'
import { RequestFailed } from './failure.ts'
import { cleanPath } from './path.ts'

export type Query = NonNullable<ClientRequest['query']>
type Body = Readonly<Record<string, unknown>>

const ENVELOPE: ReadonlySet<string> = new Set([
  'request_id',
  'lease_id',
  'lease_duration',
  'renewable',
  'data',
  'warnings',
  'auth',
  'wrap_info',
])

const objectOf = (answer: Answer): Body | undefined =>
  typeof answer.body === 'object' && answer.body !== null && !Array.isArray(answer.body) ? (answer.body as Body) : undefined

/**
 * A reply as a secret: the envelope, or, for the few replies that have none (health, seal-status), the whole body as its data.
 * Undefined for an empty one.
 */
export function secretOf(answer: Answer): Secret | undefined {
  const body = objectOf(answer)
  if (body === undefined) {
    if (answer.text.trim() === '' || answer.body === null) return undefined
    throw new RequestFailed(answer)
  }
  const says = Object.entries(body).some(
    ([key, value]) => ENVELOPE.has(key) && value !== null && value !== '' && value !== 0 && value !== false,
  )
  if (says) return body
  const bare = Object.fromEntries(Object.entries(body).filter(([key]) => !ENVELOPE.has(key)))
  if (Object.keys(bare).length === 0 || (Object.keys(bare).length === 1 && 'errors' in bare)) return undefined
  return { data: body as NonNullable<Envelope['data']> }
}

/** 429 is how a healthy standby answers sys/health; anywhere else it is a rate limit. */
const isRefusal = ({ status, url }: Answer): boolean =>
  status < 200 || (status >= 400 && !(status === 429 && new URL(url).pathname === '/v1/sys/health'))

/** What a 404 brings along: a deleted version of KV v2 has its metadata, a misspelt path may have warnings. */
function carried(answer: Answer): Secret | undefined {
  const body = objectOf(answer) as Envelope | undefined
  const carries = Object.keys(body?.data ?? {}).length > 0 || (body?.warnings ?? []).length > 0
  return answer.status === 404 && carries ? body : undefined
}

/** Any request whose answer must be a success. */
export async function send(client: Client, request: ClientRequest): Promise<Answer> {
  const answer = await client.send({ ...request, path: cleanPath(request.path) })
  if (isRefusal(answer)) throw new RequestFailed(answer, carried(answer))
  return answer
}

/** Undefined for 404, except for what it carries. */
async function look(client: Client, request: ClientRequest): Promise<Secret | undefined> {
  const answer = await client.send({ ...request, path: cleanPath(request.path) })
  if (answer.status === 404) return carried(answer)
  if (isRefusal(answer)) throw new RequestFailed(answer)
  return secretOf(answer)
}

export const read = (client: Client, path: string, query: Query = {}): Promise<Secret | undefined> =>
  look(client, { method: 'GET', path, query })
export const list = (client: Client, path: string, query: Query = {}): Promise<Secret | undefined> =>
  look(client, { method: 'LIST', path, query })
export const scan = (client: Client, path: string, query: Query = {}): Promise<Secret | undefined> =>
  look(client, { method: 'SCAN', path, query })

/** Undefined where the server has nothing to say to it. */
export async function write(
  client: Client,
  path: string,
  body: unknown,
  method: 'PUT' | 'POST' | 'PATCH' = 'PUT',
): Promise<Secret | undefined> {
  return secretOf(await send(client, { method, path, body }))
}

export async function remove(client: Client, path: string, query: Query = {}): Promise<Secret | undefined> {
  return secretOf(await send(client, { method: 'DELETE', path, query }))
}

/** The keys of a list reply; undefined when it is none. */
export function keysOf(secret: Secret | undefined): readonly string[] | undefined {
  const keys: unknown = secret?.data?.['keys']
  return Array.isArray(keys) ? keys.map(String) : undefined
}
