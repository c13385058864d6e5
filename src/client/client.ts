import type { Json } from '../kernel/index.ts'

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
  /** The parsed JSON body; undefined for an empty or a non-JSON one. */
  readonly body?: unknown
  /** The body as sent. */
  readonly text: string
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
  readonly signal?: AbortSignal
}

/** Sends one request and gives whatever the server answered; rejects only when there was no answer (ClientUnreachable). */
export interface Client {
  readonly address: string
  send(request: ClientRequest): Promise<Answer>
  /** The same server with another token (undefined: none) or namespace. */
  with(change: { readonly token?: string | undefined; readonly namespace?: string }): Client
  close(): void
}

/** What planning gets: a client that has no way to write. `undefined` means a clean 404 and nothing else; any other failure rejects (ApiError). */
export interface Reader {
  readonly address: string
  read(path: string, query?: Readonly<Record<string, string>>): Promise<Envelope | undefined>
  /** An absent folder is an empty list. Pages explicitly where the server pages. */
  list(path: string): Promise<readonly string[]>
}

/** What only apply gets. */
export interface Writer extends Reader {
  write(path: string, body: unknown): Promise<Envelope | undefined>
  delete(path: string): Promise<void>
}
