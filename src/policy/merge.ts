import type { Capability, ControlGroup, ParameterRules, PathRule } from '../hcl/policy/index.ts'
import { capabilityBits, type CapabilityBits, capabilityNames, DENY } from './capability.ts'
import type { RuleKey } from './rule-key.ts'
import type { PolicyRef, RuleKind, RuleSource } from './rule.ts'

/** A merged rule while rules are still being added; afterwards it is only read, as `MergedRule`. */
export interface RuleDraft {
  readonly kind: RuleKind
  readonly key: string
  capabilities: CapabilityBits
  minWrappingTtl: number
  maxWrappingTtl: number
  allowedParameters: ParameterRules | undefined
  deniedParameters: ParameterRules | undefined
  requiredParameters: readonly string[]
  paginationLimit: number
  listFilterTemplate: string
  readonly controlGroup: ControlGroup | undefined
  readonly grantedBy: Map<Capability, PolicyRef[]>
  readonly sources: RuleSource[]
  rank: number
}

export function draftOf({ kind, key }: RuleKey, rule: PathRule, policy: PolicyRef): RuleDraft {
  const draft: RuleDraft = {
    kind,
    key,
    capabilities: capabilityBits(rule.capabilities),
    minWrappingTtl: rule.minWrappingTtl ?? 0,
    maxWrappingTtl: rule.maxWrappingTtl ?? 0,
    allowedParameters: rule.allowedParameters,
    deniedParameters: rule.deniedParameters,
    requiredParameters: rule.requiredParameters ?? [],
    paginationLimit: rule.paginationLimit ?? 0,
    listFilterTemplate: rule.listFilterTemplate ?? '',
    controlGroup: rule.controlGroup,
    grantedBy: new Map(),
    sources: [{ policy, rule, part: 'first' }],
    rank: 0,
  }
  grant(draft, draft.capabilities, policy)
  return draft
}

/**
 * Adds a later rule to an earlier one with the same kind and key. A limit belongs to the whole merged rule, so a policy
 * more can mean less. The control group is never merged: a later one is lost, as on the server.
 */
export function mergeRule(draft: RuleDraft, rule: PathRule, policy: PolicyRef): void {
  const added = capabilityBits(rule.capabilities)
  if (draft.capabilities === DENY) {
    draft.sources.push({ policy, rule, part: 'ignored' })
    return
  }
  if (added === DENY) {
    draft.sources.push({ policy, rule, part: 'denies' })
    draft.capabilities = DENY
    draft.allowedParameters = undefined
    draft.deniedParameters = undefined
    return
  }
  draft.sources.push({ policy, rule, part: 'merged' })
  draft.capabilities |= added
  grant(draft, added, policy)
  draft.minWrappingTtl = shorterTtl(draft.minWrappingTtl, rule.minWrappingTtl ?? 0)
  draft.maxWrappingTtl = shorterTtl(draft.maxWrappingTtl, rule.maxWrappingTtl ?? 0)
  draft.allowedParameters = uniteParameters(draft.allowedParameters, rule.allowedParameters)
  draft.deniedParameters = uniteParameters(draft.deniedParameters, rule.deniedParameters)
  draft.requiredParameters = [...new Set([...draft.requiredParameters, ...(rule.requiredParameters ?? [])])]
  draft.paginationLimit = smallerLimit(draft.paginationLimit, rule.paginationLimit ?? 0)
  if (draft.listFilterTemplate === '') draft.listFilterTemplate = rule.listFilterTemplate ?? ''
}

function grant(draft: RuleDraft, capabilities: CapabilityBits, policy: PolicyRef): void {
  for (const name of capabilityNames(capabilities)) {
    const known = draft.grantedBy.get(name)
    if (known === undefined) draft.grantedBy.set(name, [policy])
    else known.push(policy)
  }
}

/** A negative earlier value stays, and with it no limit: the server replaces only a zero or a greater value. */
const shorterTtl = (earlier: number, later: number): number => (later > 0 && (earlier === 0 || later < earlier) ? later : earlier)

const smallerLimit = (earlier: number, later: number): number => (later > 0 && (earlier <= 0 || later < earlier) ? later : earlier)

/** Names are united; so are the values of a name, but an empty list (any value) on either side wins. */
function uniteParameters(earlier: ParameterRules | undefined, later: ParameterRules | undefined): ParameterRules | undefined {
  if (later === undefined || later.size === 0) return earlier
  if (earlier === undefined) return later
  const united = new Map(earlier)
  for (const [name, values] of later) {
    const known = earlier.get(name)
    const any = values.length === 0 || known?.length === 0
    united.set(name, any ? [] : [...values, ...(known ?? [])])
  }
  return united
}
