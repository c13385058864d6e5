import type { WireObject } from '../../schema/index.ts'
import type { OpName } from './operation.ts'
import type { TokenEntry } from './ports.ts'

export type TokenType = 'service' | 'batch'

/** What is known of the token that a request came with. Never the token itself. */
export interface TokenFacts {
  /** Stable identifier that is no secret: the keyed hash under which the token is stored. */
  readonly id: string
  readonly accessor: string
  readonly type: TokenType
  readonly policies: readonly string[]
  readonly displayName: string
  readonly metadata: Readonly<Record<string, string>> | undefined
  readonly entityId: string
  /** Path of the request that made it: `auth/token/create`, `auth/approle/login`. */
  readonly path: string
  readonly orphan: boolean
  /** Id of the namespace that it lives in; absent: the root one. */
  readonly namespace?: string
}

/** Who asks, as far as a backend may know. */
export interface Caller {
  readonly token?: TokenEntry
  /** On a public route only: a token came with the request, and it is not a valid one. */
  readonly badToken?: boolean
  readonly remoteAddress: string
  /** Whether the rule that allowed the request also grants `sudo` on its path (root always does). */
  readonly sudo: boolean
}

/** A request as a backend sees it: below its mount, body parsed, caller known. */
export interface BackendRequest {
  readonly op: OpName
  /** Below the mount, without a leading slash; a list may end in '/'. */
  readonly path: string
  /** Where the mount is, with its final slash: for the rare reply that names its own path. */
  readonly mountPath: string
  readonly data: WireObject
  readonly caller: Caller
  /** Whether the reply is asked to be wrapped. */
  readonly wrapped: boolean
  readonly now: Date
  /** See CoreRequest. */
  readonly incoming?: AsyncIterable<Uint8Array> | undefined
  /** A body that is no text, as it came; `data` is empty then. */
  readonly bytes?: Uint8Array | undefined
  readonly signal: AbortSignal
}
