import { asksForSudo, type AccessOp, type AccessQuery, type Explanation, type IdentityFacts } from '../../policy/index.ts'
import type { Access } from './access.ts'
import { policySets } from './holders.ts'
import type { Effective } from './membership.ts'

/** A request to judge. */
export interface AskedRequest {
  readonly op: AccessOp
  /** Below /v1/. */
  readonly path: string
  readonly data?: Readonly<Record<string, unknown>>
  /** Seconds for which the answer is to be wrapped. */
  readonly wrapTtl?: number
}

export interface Answer {
  readonly allowed: boolean
  /** The policies with which it is so: for a token role, the first choice that allows it, else all that may be asked for. */
  readonly policies: readonly string[]
  readonly query: AccessQuery
  readonly explanation: Explanation
}

function queryOf(access: Access, { op, path, data, wrapTtl }: AskedRequest): AccessQuery {
  const asked = path.replace(/^\/+/, '')
  const listed = (op === 'list' || op === 'scan') && asked !== '' && !asked.endsWith('/') ? `${asked}/` : asked
  return {
    op,
    path: asked,
    ...(data === undefined ? {} : { data }),
    ...(wrapTtl === undefined ? {} : { wrapTtl }),
    sudoPath: asksForSudo(listed, access.pkiMounts),
  }
}

/**
 * What a token by the holder may do at best: of a token role, which lets one choose, some choice allows it or none does.
 *
 * @param facts in place of what is known of the holder
 */
export function answerFor(
  access: Access,
  { policies: all, together, facts: own }: Effective,
  request: AskedRequest,
  facts: IdentityFacts | undefined = own,
): Answer {
  const query = queryOf(access, request)
  const answers = function* (): Generator<Answer> {
    for (const policies of policySets({ policies: all, together })) {
      const explanation = access.acl(policies, facts).explain(query)
      yield { allowed: explanation.decision.allowed, policies, query, explanation }
    }
  }
  let first: Answer | undefined
  for (const answer of answers()) {
    if (answer.allowed) return answer
    first ??= answer
  }
  return first as Answer
}
