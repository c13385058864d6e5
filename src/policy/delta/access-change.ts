import type { Granted } from './grant.ts'

/**
 * - `gained`, `lost`: the capability was not there, or is no more;
 * - `widened`, `narrowed`: it was and is, and its limits (parameters, wrapping, pages, filters, approvals) allow more, or less;
 * - `limited otherwise`: its limits allow some requests more and others no more, or it cannot be told.
 */
export type ChangeKind = 'gained' | 'lost' | 'widened' | 'narrowed' | 'limited otherwise'

/** A rule that answers, as its policies write it. */
export interface AnsweringRule {
  readonly path: string
  readonly policies: readonly string[]
  readonly denies: boolean
}

/** Some capabilities on some paths that are not what they were. */
export interface AccessChange {
  readonly change: ChangeKind
  readonly capabilities: readonly Granted[]
  /** As a policy says paths; `a(+)` is one segment that begins with `a`. Of a list, with its final slash. */
  readonly path: string
  /** Parts of it to which the change does not apply. */
  readonly except: readonly string[]
  /** It is about lists and scans alone, which are asked with a final slash: so is `sudo` where it is among the capabilities. */
  readonly lists?: true
  /** One of the paths. */
  readonly witness: string
  /** What limits the capabilities, in words. */
  readonly limitsBefore: readonly string[]
  readonly limitsAfter: readonly string[]
  /** The rules that answer there; none where nothing did. */
  readonly answeredBefore: readonly AnsweringRule[]
  readonly answeredAfter: readonly AnsweringRule[]
  /** It applies from this moment on, when a rule expires; or until one does. */
  readonly from?: Date
  readonly until?: Date
  /** What the holder could do with it beyond what it seems: "rewrite any policy, its own too". */
  readonly escalates?: string
  /** Only for holders for whom templates cannot be resolved. */
  readonly unresolved?: true
}
