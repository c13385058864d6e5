/** Envelopes: how an outcome looks on the wire. */
import type { Outcome, ReplyEnvelope, WrapFacts } from '../logical/index.ts'
import type { Passage } from './passage.ts'

export function envelopeOf({ request, outcome, lease: registered }: Passage): ReplyEnvelope {
  const lease = outcome?.is === 'renewed' ? outcome : registered
  const warnings = outcome && outcome.warnings.length > 0 ? outcome.warnings : null
  return {
    request_id: request.id,
    lease_id: lease?.id ?? '',
    renewable: lease?.renewable ?? false,
    lease_duration: lease?.ttl ?? (outcome?.is === 'data' ? (outcome.leaseDuration ?? 0) : 0),
    data: outcome?.is === 'data' || outcome?.is === 'lease' ? outcome.data : null,
    wrap_info: null,
    warnings,
    auth: outcome?.is === 'token' ? outcome.auth : null,
  }
}

/** A wrapping token in place of the reply: nothing of the request shows, not even its id. */
export const wrapBlock = (wrap: WrapFacts): ReplyEnvelope => ({
  request_id: '',
  lease_id: '',
  renewable: false,
  lease_duration: 0,
  data: null,
  wrap_info: {
    token: wrap.token,
    accessor: wrap.accessor,
    ttl: wrap.ttl,
    creation_time: wrap.creationTime,
    creation_path: wrap.creationPath,
    ...(wrap.wrappedAccessor !== undefined && { wrapped_accessor: wrap.wrappedAccessor }),
  },
  warnings: null,
  auth: null,
})

/** A listing of nothing is a 404, whoever answers it. */
export const isEmptyList = (outcome: Outcome): boolean =>
  outcome.is === 'data' &&
  outcome.status === undefined &&
  outcome.data !== null &&
  (!Array.isArray(outcome.data['keys']) || outcome.data['keys'].length === 0)
