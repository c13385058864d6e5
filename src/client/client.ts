import type { Clock, Json, Random } from '../kernel/index.ts'

/** The API's reply envelope (API page "Response"). Replies without an envelope (health, seal-status, …) are in `body` alone. */
export interface Envelope {
  readonly request_id?: string
  readonly lease_id?: string
  readonly renewable?: boolean
  readonly lease_duration?: number
  readonly data?: Readonly<Record<string, Json>> | null
  readonly warnings?: readonly string[] | null
  readonly auth?: Readonly<Record<string, Json>> | null
  readonly wrap_info?: Readonly<Record<string, Json>> | null
}

export interface Answer {
  readonly status: number
  readonly headers: Readonly<Record<string, string>>
  /** The parsed JSON body, its number literals kept (kernel/json.ts); undefined for an empty or a non-JSON one. */
  readonly body?: unknown
  /** The body as sent. */
  readonly text: string
  /** What was asked, as it went over the wire: LIST and SCAN travel as GET. After a redirect, the address that answered. */
  readonly method: string
  readonly url: string
}

export type Method = 'GET' | 'LIST' | 'SCAN' | 'POST' | 'PUT' | 'PATCH' | 'DELETE' | 'HEAD'

export interface ClientRequest {
  readonly method: Method
  /** Below /v1/, without a leading slash, not yet percent-encoded. */
  readonly path: string
  readonly query?: Readonly<Record<string, string | readonly string[]>>
  readonly body?: unknown
  readonly headers?: Readonly<Record<string, string>>
  /** Seconds or a duration, for X-Vault-Wrap-TTL. */
  readonly wrapTtl?: string
  /** Sent as it comes, in place of `body`; once, so that the request is not repeated. */
  readonly upload?: AsyncIterable<Uint8Array>
  /** Takes the body of a 200 as it comes: the answer has none then. */
  readonly download?: (body: AsyncIterable<Uint8Array>) => Promise<void>
  readonly signal?: AbortSignal
}

/** Sends one request and gives whatever the server answered; rejects only when there was no answer (ClientUnreachable). */
export interface Client {
  readonly address: string
  send(request: ClientRequest): Promise<Answer>
  /** The same server, over the same connections, with another token (undefined: none) or namespace. */
  with(change: { readonly token?: string | undefined; readonly namespace?: string }): Client
  /** Ends idle connections. The client stays usable. */
  close(): void
}

/**
 * What planning gets: a client that has no way to write. `undefined` means a clean 404 (a JSON body whose `errors` is empty)
 * and nothing else; any other failure rejects (ApiError, ClientUnreachable). A 404 that carries data or warnings is not an
 * absence: KV v2 answers so for a secret whose current version is deleted, and the envelope is given.
 */
export interface Reader {
  readonly address: string
  read(path: string, query?: Readonly<Record<string, string | readonly string[]>>): Promise<Envelope | undefined>
  /** An absent folder is an empty list. The list is whole, whatever paging a server or a policy imposes. */
  list(path: string): Promise<readonly string[]>
}

/** What only apply gets. */
export interface Writer extends Reader {
  /** Undefined when the server answers without a body. */
  write(path: string, body: unknown): Promise<Envelope | undefined>
  /** What is already gone is no failure. */
  delete(path: string): Promise<void>
}

/** Where the certificates are (files, folders) or what they are (PEM). Of a pair the file wins. */
export interface TlsOptions {
  readonly caCert?: string
  readonly caCertPem?: string
  readonly caPath?: string
  readonly clientCert?: string
  readonly clientCertPem?: string
  readonly clientKey?: string
  readonly clientKeyPem?: string
  readonly serverName?: string
  readonly skipVerify?: boolean
}

export interface ClientOptions {
  /** `http://…`, `https://…` or `unix:///path/of/the/socket`. */
  readonly address: string
  readonly token?: string | undefined
  readonly namespace?: string | undefined
  readonly tls?: TlsOptions
  /** How often a request that may be repeated is tried again; the API's own clients say 2. */
  readonly retries?: number
  /** Seconds for one `send`, all its tries and redirects together; 60 unless told, 0 for no limit. */
  readonly timeout?: number
  /** Connections kept open at once; what is beyond waits. */
  readonly connections?: number
  /** Bytes of one answer, above which it is refused. */
  readonly largestAnswer?: number
  /** Sent with every request. */
  readonly headers?: Readonly<Record<string, string | readonly string[]>>
  /** Whether a redirect to the active node is followed (once); true unless told. */
  readonly followRedirects?: boolean
  /** HTTP_PROXY, HTTPS_PROXY and NO_PROXY, in either case. A loopback address is never reached through a proxy. */
  readonly proxyEnv?: Readonly<Record<string, string | undefined>>
  readonly clock: Clock
  readonly random: Random
}
