import { type AccessOp, type CapabilityBits, capabilityBit, DENY, neededCapability, SUDO } from './capability.ts'
import type { AccessQuery, Allowed, Decision, Denied } from './decision.ts'
import { pageLimit } from './pagination.ts'
import { refusedParameter } from './parameters.ts'
import { isListing } from './request-path.ts'
import type { MergedRule } from './rule.ts'

/** A rule with what it has answered before: most of an answer depends on rule and operation alone, and is made once. */
export interface Judge {
  readonly rule: MergedRule
  readonly rank: number
  readonly answers: Record<AccessOp, Answer | undefined>
}

type Answer =
  /** Whatever else the request says. */
  | { readonly is: 'refused'; readonly decision: Denied }
  /** `asks`: the rule has limits that look at the request. */
  | { readonly is: 'granted'; readonly decision: Allowed; readonly asks: boolean; readonly withoutSudo: Denied | undefined }

export const judgeOf = (rule: MergedRule): Judge => ({ rule, rank: rule.rank, answers: { ...UNASKED } })

const UNASKED: Readonly<Record<AccessOp, undefined>> = {
  read: undefined,
  list: undefined,
  scan: undefined,
  create: undefined,
  update: undefined,
  patch: undefined,
  delete: undefined,
  help: undefined,
  renew: undefined,
  revoke: undefined,
  rollback: undefined,
  header: undefined,
}

/** What the found rule says. The order of the questions is the server's, so that the reason is that of the first that fails. */
export function judge({ rule, answers }: Judge, query: AccessQuery): Decision {
  const { op, data, sudoPath } = query
  const answer = (answers[op] ??= answerOf(rule, op))
  if (answer.is === 'refused') return answer.decision
  const checked = answer.asks || (data !== undefined && isListing(op)) ? checkLimits(rule, answer.decision, query) : answer.decision
  return sudoPath && answer.withoutSudo !== undefined && checked.allowed ? answer.withoutSudo : checked
}

function answerOf(rule: MergedRule, op: AccessOp): Answer {
  if (rule.capabilities === DENY) return { is: 'refused', decision: refuse('deny', rule) }
  const needed = neededCapability(op)
  if (needed === undefined || !gives(rule, capabilityBit(needed))) return { is: 'refused', decision: refuse('missing-capability', rule) }
  const { controlGroup, listFilterTemplate } = rule
  const controlled = controlGroup?.factors.some(it => it.controlledCapabilities.includes(op)) === true
  const decision: Allowed = Object.freeze({
    allowed: true,
    rule,
    grantedBy: rule.grantedBy.get(needed) ?? [],
    sudo: gives(rule, SUDO),
    root: false,
    ...(controlGroup !== undefined && controlled ? { controlGroup } : {}),
    ...(isListing(op) && listFilterTemplate !== '' ? { listFilterTemplate } : {}),
  })
  return { is: 'granted', decision, asks: asks(rule, op), withoutSudo: decision.sudo ? undefined : refuse('sudo', rule) }
}

const gives = (rule: MergedRule, capability: CapabilityBits): boolean => (rule.capabilities & capability) !== 0
const refuse = (reason: Denied['reason'], rule: MergedRule): Denied => Object.freeze({ allowed: false, reason, rule })

const CHECKS_PARAMETERS: ReadonlySet<AccessOp> = new Set(['read', 'create', 'update', 'patch'])

function asks(rule: MergedRule, op: AccessOp): boolean {
  if (rule.minWrappingTtl !== 0 || rule.maxWrappingTtl !== 0) return true
  if (isListing(op)) return rule.paginationLimit > 0
  if (!CHECKS_PARAMETERS.has(op)) return false
  return rule.requiredParameters.length > 0 || (rule.allowedParameters?.size ?? 0) > 0 || (rule.deniedParameters?.size ?? 0) > 0
}

function checkLimits(rule: MergedRule, granted: Allowed, { op, data, wrapTtl }: AccessQuery): Decision {
  if (!isWrappedAsAsked(rule, wrapTtl)) return refuse('wrapping', rule)
  if (isListing(op)) {
    const limit = pageLimit(rule, data)
    if (limit === false) return refuse('pagination', rule)
    return limit === undefined ? granted : { ...granted, limit }
  }
  const parameter = CHECKS_PARAMETERS.has(op) ? refusedParameter(rule, data, op === 'read') : undefined
  return parameter === undefined ? granted : { allowed: false, reason: 'parameter', rule, parameter }
}

/** The limits may contradict each other once merged, and then nothing passes. */
function isWrappedAsAsked({ minWrappingTtl: min, maxWrappingTtl: max }: MergedRule, ttl: number | undefined): boolean {
  if (max > 0 && (ttl === undefined || ttl > max)) return false
  if (min > 0 && (ttl === undefined || ttl < min)) return false
  return min === 0 || max === 0 || max >= min
}
