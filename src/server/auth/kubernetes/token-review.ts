/** What the API server says of a token (authentication.k8s.io/v1, TokenReview), and of a namespace (v1, Namespace). */
import { goQuote } from '../../../kernel/index.ts'
import { ApiUnreachable, type Api } from './api.ts'

/** The service account that a token stands for, as the API server knows it. */
export interface Reviewed {
  readonly namespace: string
  readonly name: string
  readonly uid: string
}

/** The API server does not vouch for it; the message is for the log. */
export class NotVouched extends Error {}

type Tree = Readonly<Record<string, unknown>>
const isTree = (value: unknown): value is Tree => typeof value === 'object' && value !== null && !Array.isArray(value)
const textOf = (value: unknown): string => (typeof value === 'string' ? value : '')
const textsOf = (value: unknown): readonly string[] => (Array.isArray(value) ? value.filter(it => typeof it === 'string') : [])

function parsed(body: string): Tree {
  try {
    const value: unknown = JSON.parse(body)
    return isTree(value) ? value : {}
  } catch {
    return {}
  }
}

/**
 * Rejects with NotVouched or ApiUnreachable. With `audiences`, the token must be meant for one of them, and the API server must say
 * so itself: one that is too old to know audiences would vouch for any token.
 */
export async function review(
  api: Api,
  token: string,
  audiences: readonly string[],
  bearer: string,
  signal: AbortSignal,
): Promise<Reviewed> {
  const asked = {
    apiVersion: 'authentication.k8s.io/v1',
    kind: 'TokenReview',
    spec: { token, ...(audiences.length > 0 && { audiences }) },
  }
  const answer = await api.ask(
    { method: 'POST', path: '/apis/authentication.k8s.io/v1/tokenreviews', bearer, body: JSON.stringify(asked) },
    signal,
  )
  if (answer.status === 401) {
    throw new NotVouched('the API server does not know the token that asks; its service account may have been deleted or made again')
  }
  const body = parsed(answer.body)
  if (answer.status < 200 || answer.status > 206) {
    throw new ApiUnreachable(`the API server answers ${answer.status}${reasonIn(body)}`)
  }
  const status = isTree(body['status']) ? body['status'] : {}
  if (textOf(status['error']) !== '')
    throw new NotVouched(`the API server refuses the token: ${goQuote(textOf(status['error']).slice(0, 500))}`)
  if (status['authenticated'] !== true) throw new NotVouched('the API server does not know the token')
  const known = textsOf(status['audiences'])
  if (audiences.length > 0 && !audiences.some(it => known.includes(it))) {
    throw new NotVouched('the API server does not say that the token is meant for a wanted audience')
  }
  const user = isTree(status['user']) ? status['user'] : {}
  const [system, kind, namespace, name, ...more] = textOf(user['username']).split(':')
  if (system !== 'system' || kind !== 'serviceaccount' || namespace === undefined || name === undefined || more.length > 0) {
    throw new NotVouched('the API server names a user that is no service account')
  }
  return { namespace, name, uid: textOf(user['uid']) }
}

/** The reason of a Kubernetes Status, which names no token. */
const reasonIn = (body: Tree): string => (/^\w+$/.test(textOf(body['reason'])) ? ` (${textOf(body['reason'])})` : '')

/** RFC 1123 label, which every namespace's name is. */
const NAMESPACE = /^[a-z0-9](?:[a-z0-9-]{0,61}[a-z0-9])?$/

/**
 * The labels of a namespace. Rejects with NotVouched or ApiUnreachable; the message is shown to the client, as the peer does, but
 * without the addresses that the peer's has. Nothing but a name may become a part of the path.
 */
export async function namespaceLabels(
  api: Api,
  namespace: string,
  bearer: string,
  signal: AbortSignal,
): Promise<ReadonlyMap<string, string>> {
  if (!NAMESPACE.test(namespace)) throw new NotVouched('the token names no namespace')
  const answer = await api.ask({ method: 'GET', path: `/api/v1/namespaces/${namespace}`, bearer }, signal)
  const body = parsed(answer.body)
  if (answer.status !== 200) {
    if (Object.keys(body).length === 0) throw new NotVouched('failed to parse error status on namespace retrieval failure')
    throw new NotVouched(`failed to get namespace (code ${answer.status} status ${textOf(body['message'])})`)
  }
  const labels = isTree(body['metadata']) && isTree(body['metadata']['labels']) ? body['metadata']['labels'] : {}
  return new Map(Object.entries(labels).map(([name, value]) => [name, textOf(value)]))
}
