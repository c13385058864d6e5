import type { Clock, Json, Log, Random, Seconds } from '../../kernel/index.ts'
import type { NamespaceRef } from './namespaces.ts'
import type { View } from './view.ts'

export interface LeaseDefaults {
  readonly ttl: Seconds
  readonly maxTtl: Seconds
}

/** What a backend may know of its own mount. */
export interface MountFacts {
  /** With its final slash: `secret/`, `auth/approle/`. Changes with a move. */
  readonly path: string
  readonly accessor: string
  readonly type: string
  readonly options: Readonly<Record<string, string>>
  /** What its path is in. Changes with a move, too. */
  readonly namespace: NamespaceRef
}

/** The leases of one mount. */
export interface MountLeasesPort {
  /** Whether there is one below a path of the mount (`creds/`) whose `internal` is as asked. Looks at each of them until one is. */
  some(under: string, matches: (internal: Json) => boolean): Promise<boolean>
}

/** A template with its `{{identity.…}}` filled in, or why it cannot be, in the peer's words. */
export type FilledTemplate =
  { readonly is: 'text'; readonly text: string } | { readonly is: 'refused'; readonly why: string } | { readonly is: 'no entity' }

/** All that an engine or auth method is given: its storage and its facts, no core and no router. */
export interface Host {
  readonly view: View
  /** As of now; ask again after a tune or a move. */
  mount(): MountFacts
  /** The lease times in force for this mount: its own tune, else the server's. */
  leaseDefaults(): LeaseDefaults
  /**
   * A password by a named policy of `sys/policies/password`. Rejects with a fault (404) when there is no such policy, and with one
   * (500) when no password meets it.
   */
  passwordBy(policy: string): Promise<string>
  readonly clock: Clock
  readonly random: Random
  readonly log: Log
  readonly leases: MountLeasesPort
  /** Puts what is known of an entity into a template, as a policy's paths are filled; no value may contain what is `forbidden`. */
  fillTemplate(template: string, entityId: string, forbidden: readonly string[]): Promise<FilledTemplate>
}
