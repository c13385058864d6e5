/**
 * As much of a Kubernetes API server as an authentication by service account needs, over HTTPS: TokenReview and namespaces. It is
 * strict: what it is sent and what it answers must be as Kubernetes publishes it.
 */
import { generateKeyPairSync, randomUUID } from 'node:crypto'
import { createServer, type Server } from 'node:https'
import type { IncomingMessage, ServerResponse } from 'node:http'
import type { AddressInfo } from 'node:net'
import type { Duplex } from 'node:stream'
import { systemClock } from '../../../src/kernel/index.ts'
import { developmentCertificates } from '../../../src/server/x509/index.ts'
import { realRandom } from '../../conformance/engine-replay.ts'
import { flaw } from './schemas.ts'
import { sign, whose, type Account, type TokenWish } from './tokens.ts'

/** One request as it came. */
export interface Seen {
  readonly method: string
  readonly path: string
  readonly headers: IncomingMessage['headers']
  readonly body: string
}

/** What the next request meets in place of an answer. */
export type Trouble =
  | { readonly is: 'answer'; readonly status: number; readonly body: string; readonly headers?: Readonly<Record<string, string>> }
  | { readonly is: 'cut' }
  | { readonly is: 'silence' }

export interface KubernetesApi {
  /** `https://127.0.0.1:PORT` */
  readonly address: string
  readonly port: number
  /** PEM: whom to trust. */
  readonly ca: string
  /** PEM: what service account tokens are signed with, and another such key. */
  readonly publicKey: string
  readonly otherPublicKey: string
  /** Of an account that may review tokens and read namespaces. */
  readonly reviewerToken: string
  /** By `namespace/name`; a deleted one's tokens are worth nothing. */
  readonly accounts: Map<string, Account>
  /** The labels of each. */
  readonly namespaces: Map<string, Readonly<Record<string, string>>>
  /** Accounts that may review tokens, by `namespace/name`. */
  readonly reviewers: Set<string>
  readonly requests: readonly Seen[]
  readonly troubles: Trouble[]
  /** Made on the first asking. */
  account(namespace: string, name: string): Account
  token(namespace: string, name: string, wish?: TokenWish): Promise<string>
  /** Signed by a key that is not the API server's. */
  forgedToken(namespace: string, name: string, wish?: TokenWish): Promise<string>
  close(): Promise<void>
}

const REVIEWS = '/apis/authentication.k8s.io/v1/tokenreviews'

export async function startKubernetesApi(names: readonly string[] = []): Promise<KubernetesApi> {
  const { ca, cert, key } = await developmentCertificates(['127.0.0.1', 'localhost', ...names], { clock: systemClock, random: realRandom })
  const own = generateKeyPairSync('rsa', { modulusLength: 2048 })
  const other = generateKeyPairSync('rsa', { modulusLength: 2048 })
  const accounts = new Map<string, Account>()
  const namespaces = new Map<string, Readonly<Record<string, string>>>()
  const reviewers = new Set(['kube-system/reviewer'])
  const requests: Seen[] = []
  const troubles: Trouble[] = []
  const open = new Set<Duplex>()

  const account = (namespace: string, name: string): Account => {
    const at = `${namespace}/${name}`
    const known = accounts.get(at) ?? { namespace, name, uid: randomUUID() }
    accounts.set(at, known)
    if (!namespaces.has(namespace)) namespaces.set(namespace, { 'kubernetes.io/metadata.name': namespace })
    return known
  }

  /** Who asks; undefined: nobody known. */
  const callerOf = async ({ headers }: Seen): Promise<string | undefined> => {
    const bearer = /^Bearer (.+)$/.exec(headers.authorization ?? '')?.[1]
    if (bearer === undefined) return undefined
    try {
      const { account: it } = await whose(own.publicKey, accounts, bearer, [])
      return `${it.namespace}/${it.name}`
    } catch {
      return undefined
    }
  }

  const answer = async (seen: Seen): Promise<{ status: number; body: unknown }> => {
    const caller = await callerOf(seen)
    if (caller === undefined) return status(401, 'Unauthorized', 'Unauthorized')
    const isReview = seen.method === 'POST' && seen.path === REVIEWS
    const namespace = /^\/api\/v1\/namespaces\/([^/?]+)$/.exec(seen.path)?.[1]
    if (!isReview && (seen.method !== 'GET' || namespace === undefined)) {
      return status(404, 'NotFound', 'the server could not find the requested resource')
    }
    if (!reviewers.has(caller)) {
      return status(403, 'Forbidden', `User "system:serviceaccount:${caller.replace('/', ':')}" cannot do this at the cluster scope`)
    }
    if (isReview) return review(seen)
    const labels = namespaces.get(namespace ?? '')
    if (labels === undefined) return status(404, 'NotFound', `namespaces "${namespace}" not found`)
    return {
      status: 200,
      body: checked('Namespace', {
        kind: 'Namespace',
        apiVersion: 'v1',
        metadata: { name: namespace, uid: randomUUID(), resourceVersion: '1', creationTimestamp: new Date().toISOString(), labels },
        spec: { finalizers: ['kubernetes'] },
        status: { phase: 'Active' },
      }),
    }
  }

  const review = async ({ headers, body }: Seen): Promise<{ status: number; body: unknown }> => {
    if (headers['content-type']?.split(';')[0] !== 'application/json') {
      return status(
        415,
        'UnsupportedMediaType',
        'the body of the request was in an unknown format - accepted media types include: application/json',
      )
    }
    const asked = parsed(body)
    const wrong = flaw('TokenReview', asked)
    if (wrong !== undefined) return status(400, 'BadRequest', `strict decoding error: ${wrong}`)
    const { apiVersion, kind, spec } = asked as {
      apiVersion?: string
      kind?: string
      spec: { token?: string; audiences?: readonly string[] | null }
    }
    if ((kind ?? 'TokenReview') !== 'TokenReview' || (apiVersion ?? 'authentication.k8s.io/v1') !== 'authentication.k8s.io/v1') {
      return status(400, 'BadRequest', 'the API version in the data does not match the expected API version')
    }
    const token = spec.token ?? ''
    if (token === '') return status(400, 'Invalid', 'spec.token: Required value')
    return {
      status: 201,
      body: checked('TokenReview', {
        kind: 'TokenReview',
        apiVersion: 'authentication.k8s.io/v1',
        metadata: { creationTimestamp: null },
        spec: { token, ...(spec.audiences && { audiences: spec.audiences }) },
        status: await verdict(token, spec.audiences ?? []),
      }),
    }
  }

  const verdict = async (token: string, wanted: readonly string[]): Promise<unknown> => {
    try {
      const { account: it, audiences } = await whose(own.publicKey, accounts, token, wanted)
      return {
        authenticated: true,
        user: {
          username: `system:serviceaccount:${it.namespace}:${it.name}`,
          uid: it.uid,
          groups: ['system:serviceaccounts', `system:serviceaccounts:${it.namespace}`, 'system:authenticated'],
        },
        audiences,
      }
    } catch (cause) {
      return { user: {}, error: `[invalid bearer token, ${(cause as Error).message}]` }
    }
  }

  const serve = async (request: IncomingMessage, response: ServerResponse): Promise<void> => {
    const chunks: Buffer[] = []
    for await (const chunk of request) chunks.push(chunk as Buffer)
    const seen = { method: request.method ?? '', path: request.url ?? '', headers: request.headers, body: Buffer.concat(chunks).toString() }
    requests.push(seen)
    const trouble = troubles.shift()
    if (trouble?.is === 'cut') request.socket.destroy()
    else if (trouble?.is === 'answer') response.writeHead(trouble.status, trouble.headers ?? {}).end(trouble.body)
    else if (trouble === undefined) {
      const { status, body } = await answer(seen)
      send(response, status, body)
    }
  }
  const server = createServer({ cert, key }, (request, response) => void serve(request, response))
  server.on('connection', socket => {
    open.add(socket)
    socket.once('close', () => open.delete(socket))
  })
  const port = await listening(server)
  account('kube-system', 'reviewer')
  const token = (key: typeof own.privateKey) => (namespace: string, name: string, wish?: TokenWish) =>
    sign(key, account(namespace, name), wish)
  const pem = (key: typeof own.publicKey): string => String(key.export({ type: 'spki', format: 'pem' }))
  return {
    address: `https://127.0.0.1:${port}`,
    port,
    ca,
    publicKey: pem(own.publicKey),
    otherPublicKey: pem(other.publicKey),
    reviewerToken: await token(own.privateKey)('kube-system', 'reviewer'),
    accounts,
    namespaces,
    reviewers,
    requests,
    troubles,
    account,
    token: token(own.privateKey),
    forgedToken: token(other.privateKey),
    close: () =>
      new Promise(done => {
        server.close(() => done())
        for (const socket of open) socket.destroy()
      }),
  }
}

function parsed(text: string): unknown {
  try {
    return JSON.parse(text)
  } catch {
    return undefined
  }
}

function checked(kind: 'TokenReview' | 'Namespace' | 'Status', body: unknown): unknown {
  const wrong = flaw(kind, body)
  if (wrong !== undefined) throw new Error(`the stand-in answers with a ${kind} that is none: ${wrong}`)
  return body
}

const status = (code: number, reason: string, message: string): { status: number; body: unknown } => ({
  status: code,
  body: checked('Status', { kind: 'Status', apiVersion: 'v1', metadata: {}, status: 'Failure', message, reason, code }),
})

function send(response: ServerResponse, code: number, body: unknown): void {
  response.writeHead(code, { 'content-type': 'application/json' }).end(JSON.stringify(body))
}

function listening(server: Server): Promise<number> {
  return new Promise((done, fail) => {
    server.once('error', fail)
    server.listen(0, '127.0.0.1', () => done((server.address() as AddressInfo).port))
  })
}
