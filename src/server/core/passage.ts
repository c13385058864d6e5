import type { Acl, Allowed } from '../../policy/index.ts'
import type { Caller, CoreReply, CoreRequest, Outcome, RouteFacts, TokenEntry } from '../logical/index.ts'
import type { Resolved } from './mounts.ts'

/** One request on its way through the pipeline: each step may read what the steps before it found out. */
export interface Passage {
  readonly request: CoreRequest
  readonly now: Date
  /** Lists carry their final slash from `normalise` on, as rules are written for them. */
  path: string
  resolved: Resolved | undefined
  facts: RouteFacts | undefined
  token: TokenEntry | undefined
  /** That was the last use of the token: it ends with the request. */
  lastUse?: boolean
  acl: Acl | undefined
  caller: Caller
  /** What a write would be. */
  wants: 'create' | 'update'
  allowed: Allowed | undefined
  outcome: Outcome | undefined
  lease?: { readonly id: string; readonly ttl: number; readonly renewable: boolean }
  reply: CoreReply | undefined
}

/** A step settles its part or throws a fault; a reply that it sets ends the way early. */
export type Step = (passage: Passage) => void | Promise<void>
