import type { Capability, ControlGroup, ParameterRules, PathRule } from '../hcl/policy/index.ts'
import type { CapabilityBits } from './capability.ts'

/** `exact`: this very path. `prefix`: a path that begins with the key. `segment`: parts compared one by one, `+` for any one. */
export type RuleKind = 'exact' | 'prefix' | 'segment'

export interface PolicyRef {
  readonly name: string
  /** Path of the namespace that the policy lives in, `''` for the root one, else with a final slash. */
  readonly namespace: string
}

/** A rule of a text that takes part in a merged one. */
export interface RuleSource {
  readonly policy: PolicyRef
  readonly rule: PathRule
  /** `ignored`: a rule before it denies. `denies`: it turned the merged rule into a denial. */
  readonly part: 'first' | 'merged' | 'denies' | 'ignored'
}

/** All rules with the same kind and key, as one: what the server keeps and asks. */
export interface MergedRule {
  readonly kind: RuleKind
  /** With the namespace in front; a prefix rule without its final `*`, a segment rule with it. */
  readonly key: string
  readonly capabilities: CapabilityBits
  /** Seconds; 0 is no limit, and so is a negative number, which a merge keeps as it is. */
  readonly minWrappingTtl: number
  readonly maxWrappingTtl: number
  readonly allowedParameters: ParameterRules | undefined
  readonly deniedParameters: ParameterRules | undefined
  readonly requiredParameters: readonly string[]
  readonly paginationLimit: number
  readonly listFilterTemplate: string
  readonly controlGroup: ControlGroup | undefined
  /** Which policies gave a capability, one entry for each rule that said it. */
  readonly grantedBy: ReadonlyMap<Capability, readonly PolicyRef[]>
  /** In the order of merging. */
  readonly sources: readonly RuleSource[]
  /** Among wildcard rules the greater one wins wherever both match; 0 for an exact rule. */
  readonly rank: number
}

/** A rule that takes no part, with the reason. */
export interface DroppedRule {
  readonly policy: PolicyRef
  readonly rule: PathRule
  readonly why: { readonly is: 'expired' } | { readonly is: 'unresolved'; readonly detail: string }
}

/** The text of a rule as an author would write it. */
export const ruleText = (rule: Pick<MergedRule, 'kind' | 'key'>): string => (rule.kind === 'prefix' ? `${rule.key}*` : rule.key)
