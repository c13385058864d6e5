import type { SourceRange } from '../../kernel/index.ts'
import type { HclTree, Item } from '../parse/index.ts'

/**
 * What a policy text says, after the server's own checks (docs of ACL policies): rules in text order, words decoded, nothing
 * merged, no template resolved. `src/policy` gives it its meaning.
 */
export interface PolicyDoc {
  /** Lower case; '' for a text without a name. */
  readonly name: string
  readonly rules: readonly PathRule[]
  /**
   * Rules whose expiration had passed. The server forgets them, even a deny, and looks no further at them: their capabilities
   * may hold unknown words.
   */
  readonly expired?: readonly PathRule[]
  /** Whether a path holds a `{{template}}`. */
  readonly templated?: boolean
  /** The text as a tree; absent for policies that were made by code. */
  readonly tree?: HclTree
}

export type Capability = 'create' | 'read' | 'update' | 'delete' | 'list' | 'scan' | 'patch' | 'sudo' | 'deny'

/** Lower-cased parameter name → permitted (or refused) values; an empty list means any value. */
export type ParameterRules = ReadonlyMap<string, readonly unknown[]>

export interface PathRule {
  /** The label as decoded, before templating and before the leading '/' is removed. */
  readonly path: string
  /** Where the rule stands in its text; absent for rules that were made by code. */
  readonly at?: SourceRange
  /** Its item in the policy's tree. */
  readonly item?: Item
  /** In text order, without repetition; `['deny']` alone where deny was said; empty is legal and allows nothing. */
  readonly capabilities: readonly Capability[]
  readonly allowedParameters?: ParameterRules
  readonly deniedParameters?: ParameterRules
  /** Lower-cased. */
  readonly requiredParameters?: readonly string[]
  /** Read and kept, without any effect. */
  readonly mfaMethods?: readonly string[]
  /** Seconds, may have a fraction; absent or ≤ 0 means no limit. */
  readonly minWrappingTtl?: number
  readonly maxWrappingTtl?: number
  readonly paginationLimit?: number
  /** The rule does not exist from this moment on. */
  readonly expiration?: Date
  readonly listFilterTemplate?: string
  readonly controlGroup?: ControlGroup
}

export interface ControlGroup {
  readonly ttl?: number
  readonly selfAuthAllowed: boolean
  readonly factors: readonly {
    readonly name: string
    readonly controlledCapabilities: readonly string[]
    readonly groupNames: readonly string[]
    readonly groupIds?: readonly string[]
    readonly approvals: number
  }[]
}
