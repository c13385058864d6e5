import { neededCapability, type AccessOp } from './capability.ts'
import type { AccessQuery, Denied, DenialReason } from './decision.ts'
import type { Explanation, LossReason } from './explain.ts'
import { matches } from './matches.ts'
import { ruleKeyOf } from './rule-key.ts'
import type { DroppedRule, MergedRule } from './rule.ts'

/** Why a request is refused, as people ask for it: an expired rule is a reason of its own, not just the absence of one. */
export type ReasonClass = DenialReason | 'expiration'

/** Undefined for what is allowed. */
export function reasonClass({ decision, path, dropped }: Explanation, op: AccessOp): ReasonClass | undefined {
  if (decision.allowed) return undefined
  const { reason } = decision
  const couldBeOther = reason === 'no-rule' || reason === 'missing-capability'
  return couldBeOther && dropped.some(it => it.why.is === 'expired' && wouldGive(it, path, op)) ? 'expiration' : reason
}

/** Whether a rule that takes no part fits the path and gives what is asked; a template in it stands for any text. */
export function wouldGive({ rule }: DroppedRule, path: string, op: AccessOp): boolean {
  const needed = neededCapability(op)
  return needed !== undefined && rule.capabilities.includes(needed) && couldFit(rule.path, path)
}

/** Whether the path of a rule, as it is written, could fit: what a template becomes has no slash unless a policy allows that. */
export function couldFit(written: string, path: string): boolean {
  if (!written.includes('{{')) {
    const key = ruleKeyOf(written, '')
    return key !== undefined && matches(key, path)
  }
  const pieces = written
    .replace(/^\//, '')
    .split(/(\{\{.*?\}\}|(?<=^|\/)\+(?=\/|$)|\*$)/s)
    .map(piece => (piece.startsWith('{{') || piece === '+' ? '[^/]*' : piece === '*' ? '.*' : piece.replace(/[\\^$.|?+()[\]{}*]/g, '\\$&')))
  return new RegExp(`^${pieces.join('')}$`, 'su').test(path)
}

/** What the reason means for this request, in one sentence without a full stop. */
export function reasonText(explanation: Explanation, query: AccessQuery): string | undefined {
  const { decision, path } = explanation
  if (decision.allowed) return undefined
  const kind = reasonClass(explanation, query.op)
  if (kind === 'expiration') {
    const [gone] = explanation.dropped.filter(it => it.why.is === 'expired' && wouldGive(it, path, query.op))
    const when = gone?.rule.expiration?.toISOString()
    return `the rule that gave it has expired${when === undefined ? '' : ` on ${when}`}`
  }
  return sentence(decision, query)
}

function sentence(decision: Denied, { op, wrapTtl }: AccessQuery): string {
  switch (decision.reason) {
    case 'no-rule':
      return 'no rule fits the path'
    case 'deny':
      return 'the rule that answers says deny'
    case 'missing-capability': {
      const needed = neededCapability(op)
      return needed === undefined ? `no rule can give ${op}` : `the rule that answers does not give ${needed}`
    }
    case 'wrapping':
      return `the rule wants the answer wrapped ${limits(decision.rule)}; ${wrapTtl === undefined ? 'it is not' : `it is for ${wrapTtl}s`}`
    case 'pagination':
      return `the rule limits a list to ${decision.rule?.paginationLimit ?? 0} entries`
    case 'parameter':
      return parameterText(decision)
    case 'sudo':
      return 'the path is root-protected, and the rule does not give sudo'
    case 'unusable':
      return decision.failure?.message ?? 'the policies cannot be used together'
    case 'outside-namespace':
      return 'the path is outside of the namespace of the token'
    default:
      return 'it is refused'
  }
}

function limits(rule: MergedRule | undefined): string {
  const { minWrappingTtl: min = 0, maxWrappingTtl: max = 0 } = rule ?? {}
  if (min > 0 && max > 0) return `for ${min}s to ${max}s`
  return min > 0 ? `for at least ${min}s` : `for at most ${max}s`
}

function parameterText({ parameter }: Denied): string {
  switch (parameter?.why) {
    case 'required':
      return `the parameter "${parameter.parameter}" is required`
    case 'denied':
      return `the parameter "${parameter.parameter}" is among denied_parameters`
    case 'not-allowed':
      return `the parameter "${parameter.parameter}" is not among allowed_parameters`
    case 'value-not-allowed':
      return `the value of the parameter "${parameter.parameter}" is not among those that allowed_parameters names`
    default:
      return 'a parameter is not allowed'
  }
}

const LOST: Readonly<Record<LossReason, string>> = {
  'exact-first': 'an exact path answers before any wildcard',
  'with-slash-first': 'a rule fits the path of the list with its final slash, and this one only without',
  'later-wildcard': 'its first wildcard stands earlier',
  'no-final-star': 'it ends in *, and the other does not',
  'fewer-plus': 'it has more segments of +',
  longer: 'it is shorter',
  'greater-text': 'its text sorts before the other',
}

export const lossText = (reason: LossReason): string => LOST[reason]
