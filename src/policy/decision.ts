import type { ControlGroup } from '../hcl/policy/index.ts'
import type { AccessOp } from './capability.ts'
import type { ParameterRefusal, RequestData } from './parameters.ts'
import type { MergedRule, PolicyRef } from './rule.ts'

export interface AccessQuery {
  /** With the path of the request's namespace in front. Leading slashes do not count. */
  readonly path: string
  readonly op: AccessOp
  /** Parameters as they were sent: the body of a write, the query of anything else. */
  readonly data?: RequestData | undefined
  /** Seconds for which the answer is to be wrapped; absent: not asked for. */
  readonly wrapTtl?: number | undefined
  /** The route asks for `sudo` too. */
  readonly sudoPath: boolean
}

export type Decision = Allowed | Denied

export interface Allowed {
  readonly allowed: true
  /** Absent for a root token and for help. */
  readonly rule?: MergedRule
  /** The policies that give the capability. */
  readonly grantedBy: readonly PolicyRef[]
  /** Whether the rule also gives `sudo`; a root token always has it. */
  readonly sudo: boolean
  readonly root: boolean
  /** To be honoured before the answer is given: the operation is one that it controls. */
  readonly controlGroup?: ControlGroup
  /** Only keys whose path the token may read are to be shown; see `Acl.visibleKeys`. */
  readonly listFilterTemplate?: string
  /** What the parameter `limit` of a list becomes. */
  readonly limit?: string
}

export interface Denied {
  readonly allowed: false
  readonly reason: DenialReason
  /** The rule that answered; absent where there was none to ask. */
  readonly rule?: MergedRule
  readonly parameter?: ParameterRefusal
  /** For reason `unusable`: what is wrong with the policies of the token. */
  readonly failure?: AclFailure
}

export type DenialReason =
  | 'no-rule'
  /** The rule says deny. */
  | 'deny'
  | 'missing-capability'
  | 'wrapping'
  | 'parameter'
  | 'pagination'
  /** The path is root-protected and the rule does not give `sudo`. */
  | 'sudo'
  /** No rule can be asked: see `Acl.failure`. */
  | 'unusable'
  /** A root token of another namespace. */
  | 'outside-namespace'

/** Why a token's policies cannot be used at all. Every request with it fails until someone mends them. */
export interface AclFailure {
  /**
   * `forbidden-value`: an identity value brings a separator into a path (the server answers 400 or 403). `forbidden-wildcard`:
   * it makes a `+*`, and `root-with-others`: root is held beside other policies (both are internal errors there).
   */
  readonly reason: 'forbidden-value' | 'forbidden-wildcard' | 'root-with-others'
  readonly policy: PolicyRef
  /** In the server's words, which quote the rule and never an identity value. */
  readonly message: string
}
