import type { Acl, Allowed, Decision } from '../../policy/index.ts'
import type { Caller, CoreReply, CoreRequest, NamespaceRef, Outcome, RouteFacts, TokenEntry } from '../logical/index.ts'
import type { Holder } from './identity/index.ts'
import type { Resolved } from './mounts.ts'
import type { Realm } from './namespaces/index.ts'

/** One request on its way through the pipeline: each step may read what the steps before it found out. */
export interface Passage {
  readonly request: CoreRequest
  readonly now: Date
  /** The namespace that it is in; `path` is from there. */
  realm: Realm
  /** It is counted as under way there. */
  entered: boolean
  /** Lists carry their final slash from `normalise` on, as rules are written for them. */
  path: string
  resolved: Resolved | undefined
  facts: RouteFacts | undefined
  token: TokenEntry | undefined
  /** The namespace that the token is of. */
  owner: NamespaceRef
  /** How often the token could be used when the request came; 0 is unlimited. */
  usesBefore: number
  /** The entity behind the token. */
  holder: Holder | undefined
  /** That was the last use of the token: it ends with the request. */
  lastUse?: boolean
  acl: Acl | undefined
  caller: Caller
  /** What a write would be. */
  wants: 'create' | 'update'
  allowed: Allowed | undefined
  /** What the ACL said; undefined where it was not asked. */
  decision: Decision | undefined
  /** The login that was answered made an entity. */
  entityCreated?: boolean
  /** The mount was asked whether a write would create. */
  wroteTo: boolean
  /** The mount was given the request. */
  dispatched: boolean
  /** It is a request to something here, whatever becomes of it: from now on audit hears of it. */
  accepted: boolean
  /** Its audit entry was taken. */
  recorded: boolean
  /** No device took its entry: there is nobody to tell of the refusal either. */
  unrecorded: boolean
  outcome: Outcome | undefined
  lease?: { readonly id: string; readonly ttl: number; readonly renewable: boolean }
  reply: CoreReply | undefined
}

/** A step settles its part or throws a fault; a reply that it sets ends the way early. */
export type Step = (passage: Passage) => void | Promise<void>
