import { wouldGive, type DroppedRule, type IdentityFacts } from '../../policy/index.ts'
import type { Access } from './access.ts'
import { answerFor, type Answer, type AskedRequest } from './answer.ts'
import type { Holder } from './holders.ts'

export interface WhoCan {
  readonly holder: Holder
  readonly answer: Answer
  /** It is refused as long as nothing is known of who asks: these rules have templates, and give it to some. */
  readonly depends: readonly DroppedRule[]
}

/** Every holder that may, and, apart, those of whose tokens some may: it depends on the identity behind them. */
export function whoCan(access: Access, request: AskedRequest, facts?: IdentityFacts): readonly WhoCan[] {
  return access.holders.flatMap(holder => {
    const answer = answerFor(access, access.effective(holder), request, facts)
    if (answer.allowed) return [{ holder, answer, depends: [] }]
    const { decision, dropped, path } = answer.explanation
    // A rule that is there may be passed over by one that a template makes, unless it is exact.
    if (decision.allowed || decision.rule?.kind === 'exact') return []
    const depends = dropped.filter(it => it.why.is === 'unresolved' && wouldGive(it, path, request.op))
    return depends.length === 0 ? [] : [{ holder, answer, depends }]
  })
}
