import type { Answer, Client, ClientRequest, Envelope, Reader, Writer } from './client.ts'
import { ApiError } from './errors.ts'

/** More than any list holds. A policy's pagination_limit makes the server refuse it, which is the point: see `list`. */
const WHOLE = 1_000_000

interface Body extends Envelope {
  readonly errors?: unknown
}

const objectOf = (answer: Answer): Body | undefined =>
  typeof answer.body === 'object' && answer.body !== null && !Array.isArray(answer.body) ? answer.body : undefined

/** The texts of a refusal; for a body that is not the API's, what is wrong with it. */
export function errorsOf(answer: Answer): readonly string[] {
  const errors = objectOf(answer)?.errors
  if (Array.isArray(errors)) return errors.map(String)
  if (answer.text === '' || objectOf(answer) !== undefined) return []
  return [`the answer is not one of the API (content type ${answer.headers['content-type'] ?? 'unknown'})`]
}

function refusal(request: ClientRequest, answer: Answer): ApiError {
  return new ApiError({ status: answer.status, errors: errorsOf(answer), method: request.method, path: request.path })
}

/** Undefined for a clean 404. Everything that is neither that nor a success rejects, so that no failure can pass for an absence. */
function envelopeOf(request: ClientRequest, answer: Answer): Envelope | undefined {
  const body = objectOf(answer)
  if (answer.status === 404 && body !== undefined) {
    const carries = (body.data !== undefined && body.data !== null) || (body.warnings ?? []).length > 0
    if (carries) return body
    if (Array.isArray(body.errors) && body.errors.length === 0) return undefined
  }
  if (answer.status === 204) return {}
  if (answer.status !== 200 || body === undefined) throw refusal(request, answer)
  return body
}

/** A whole envelope whose data holds nothing, or `keys` without any. */
function isEmptyList({ request_id: id, data }: Envelope): boolean {
  return (
    typeof id === 'string' &&
    data !== null &&
    data !== undefined &&
    Object.entries(data).every(([key, value]) => key === 'keys' && value === null)
  )
}

function keysOf(request: ClientRequest, answer: Answer): readonly string[] {
  const envelope = envelopeOf(request, answer)
  if (envelope === undefined) return []
  const keys: unknown = envelope.data?.['keys']
  // Some lists that are empty are no 404 but a reply whose data is empty (token roles, entities). Whatever else has no keys is
  // not understood, and so not "nothing".
  if (isEmptyList(envelope)) return []
  if (!Array.isArray(keys) || !keys.every(it => typeof it === 'string')) {
    throw new ApiError({
      status: answer.status,
      errors: ['the answer to a list holds no keys'],
      method: request.method,
      path: request.path,
    })
  }
  return keys
}

/**
 * A policy's pagination_limit cuts a list silently when the request has no `limit`, and refuses a larger one. So the whole is
 * asked for by a limit no list reaches; where that is refused, pages are taken until one brings nothing new (a server that
 * does not page sends the same again).
 */
async function list(client: Client, path: string): Promise<readonly string[]> {
  const first: ClientRequest = { method: 'LIST', path, query: { limit: String(WHOLE) } }
  let answer = await client.send(first)
  if (answer.status !== 403) {
    const keys = keysOf(first, answer)
    if (keys.length < WHOLE) return keys
  }
  const seen = new Set<string>()
  const refused = answer
  for (let after: string | undefined; ;) {
    const request: ClientRequest = { method: 'LIST', path, ...(after === undefined ? {} : { query: { after } }) }
    answer = await client.send(request)
    if (answer.status === 403 && after === undefined) throw refusal(first, refused)
    const fresh = keysOf(request, answer).filter(key => !seen.has(key))
    if (fresh.length === 0) return [...seen]
    for (const key of fresh) seen.add(key)
    after = fresh.at(-1) as string
  }
}

async function read(
  client: Client,
  path: string,
  query: Readonly<Record<string, string | readonly string[]>> | undefined,
): Promise<Envelope | undefined> {
  const request: ClientRequest = { method: 'GET', path, ...(query === undefined ? {} : { query }) }
  return envelopeOf(request, await client.send(request))
}

async function write(client: Client, path: string, body: unknown): Promise<Envelope | undefined> {
  const request: ClientRequest = { method: 'POST', path, body }
  const answer = await client.send(request)
  if (answer.status === 204) return undefined
  if (answer.status === 200 && answer.text === '') return undefined
  if (answer.status !== 200 || objectOf(answer) === undefined) throw refusal(request, answer)
  return objectOf(answer)
}

async function remove(client: Client, path: string): Promise<void> {
  const request: ClientRequest = { method: 'DELETE', path }
  const answer = await client.send(request)
  if (answer.status === 200 || answer.status === 204) return
  if (answer.status === 404 && envelopeOf(request, answer) === undefined) return
  throw refusal(request, answer)
}

/** A reader has no way to write: it closes over the client, and offers two functions. */
export const readerOf = (client: Client): Reader =>
  Object.freeze({
    address: client.address,
    read: (path: string, query?: Readonly<Record<string, string | readonly string[]>>) => read(client, path, query),
    list: (path: string) => list(client, path),
  })

export const writerOf = (client: Client): Writer =>
  Object.freeze({
    ...readerOf(client),
    write: (path: string, body: unknown) => write(client, path, body),
    delete: (path: string) => remove(client, path),
  })
