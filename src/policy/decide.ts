import { type AccessOp, capabilityBit, DENY, neededCapability, SUDO } from './capability.ts'
import type { AccessQuery, Allowed, Decision, Denied } from './decision.ts'
import { pageLimit } from './pagination.ts'
import { refusedParameter } from './parameters.ts'
import { isListing } from './request-path.ts'
import type { MergedRule } from './rule.ts'

/** What the found rule says. The order of the questions is the server's, so that the reason is that of the first that fails. */
export function judge(rule: MergedRule, { op, data, wrapTtl, sudoPath }: AccessQuery): Decision {
  if (rule.capabilities === DENY) return refuse('deny', rule)
  const needed = neededCapability(op)
  if (needed === undefined || (rule.capabilities & capabilityBit(needed)) === 0) return refuse('missing-capability', rule)
  if (!isWrappedAsAsked(rule, wrapTtl)) return refuse('wrapping', rule)
  let limit: string | undefined
  if (isListing(op)) {
    const page = pageLimit(rule, data)
    if (page === false) return refuse('pagination', rule)
    limit = page
  } else if (op === 'read' || op === 'create' || op === 'update' || op === 'patch') {
    const parameter = refusedParameter(rule, data, op === 'read')
    if (parameter !== undefined) return { allowed: false, reason: 'parameter', rule, parameter }
  }
  if (sudoPath && (rule.capabilities & SUDO) === 0) return refuse('sudo', rule)
  const plain = plainAnswer(rule, op)
  return limit === undefined ? plain : { ...plain, limit }
}

const refuse = (reason: Denied['reason'], rule: MergedRule): Denied => ({ allowed: false, reason, rule })

/** The limits may contradict each other once merged, and then nothing passes. */
function isWrappedAsAsked({ minWrappingTtl: min, maxWrappingTtl: max }: MergedRule, ttl: number | undefined): boolean {
  if (max > 0 && (ttl === undefined || ttl > max)) return false
  if (min > 0 && (ttl === undefined || ttl < min)) return false
  return min === 0 || max === 0 || max >= min
}

/** Most answers depend on rule and operation alone, so each is made once. */
const plainAnswers = new WeakMap<MergedRule, Map<AccessOp, Allowed>>()

function plainAnswer(rule: MergedRule, op: AccessOp): Allowed {
  let ofRule = plainAnswers.get(rule)
  if (ofRule === undefined) plainAnswers.set(rule, (ofRule = new Map()))
  let answer = ofRule.get(op)
  if (answer === undefined) ofRule.set(op, (answer = makeAnswer(rule, op)))
  return answer
}

function makeAnswer(rule: MergedRule, op: AccessOp): Allowed {
  const { controlGroup, listFilterTemplate } = rule
  const controlled = controlGroup?.factors.some(it => it.controlledCapabilities.includes(op)) === true
  const needed = neededCapability(op)
  return Object.freeze({
    allowed: true,
    rule,
    grantedBy: (needed === undefined ? undefined : rule.grantedBy.get(needed)) ?? [],
    sudo: (rule.capabilities & SUDO) !== 0,
    root: false,
    ...(controlGroup !== undefined && controlled ? { controlGroup } : {}),
    ...(isListing(op) && listFilterTemplate !== '' ? { listFilterTemplate } : {}),
  })
}
