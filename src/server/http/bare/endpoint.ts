import type { Clock } from '../../../kernel/index.ts'
import type { Core } from '../../logical/index.ts'
import type { Answer } from '../answer.ts'
import type { JsonLimits } from '../json-scan.ts'
import type { Query } from '../query.ts'

/** What the server says it is, beside the facts that core has. */
export interface Product {
  /** The version of the API that is spoken: clients read it, and compare it. */
  readonly version: string
  /** When that was built, as an RFC 3339 time; left out when unknown. */
  readonly commitDate?: string
  /** Our own version. */
  readonly lockstepVersion: string
}

export interface BareCall {
  readonly method: string
  readonly query: Query
  /** The body's text, '' for none. */
  readonly body: string
  readonly core: Core
  readonly clock: Clock
  readonly product: Product
  readonly limits: JsonLimits
}

/** An endpoint that needs no token and works while the server is sealed; its answers have no envelope. */
export interface BareEndpoint {
  readonly methods: readonly string[]
  answer(call: BareCall): Answer | Promise<Answer>
}
