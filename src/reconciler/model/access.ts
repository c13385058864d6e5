import type { Address } from './address.ts'

/** A rule that answers, as its policies write it. */
export interface AnsweringRule {
  readonly path: string
  readonly policies: readonly string[]
  readonly denies: boolean
}

/**
 * Who gains or loses what: some capabilities on some paths, alike for some holders. Worked out from the rules over all paths; see
 * `accessDelta` of the policy layer, which gives the words.
 */
export interface AccessEntry {
  /** Roles, token roles, groups, entities; a policy that nobody known holds stands for whoever does. */
  readonly holders: readonly Address[]
  readonly change: 'gained' | 'lost' | 'widened' | 'narrowed' | 'limited otherwise'
  readonly capabilities: readonly string[]
  readonly path: string
  readonly except: readonly string[]
  /** It is about lists and scans alone. */
  readonly lists?: true
  /** One path for which it holds. */
  readonly witness: string
  readonly limitsBefore: readonly string[]
  readonly limitsAfter: readonly string[]
  readonly answeredBefore: readonly AnsweringRule[]
  readonly answeredAfter: readonly AnsweringRule[]
  /** Moments at which rules expire, RFC 3339. */
  readonly from?: string
  readonly until?: string
  /** Only for those for whom a template cannot be resolved. */
  readonly unresolved?: true
  /** What the holder could do with it beyond what it seems. */
  readonly escalates?: string
}

export const escalations = (entries: readonly AccessEntry[]): readonly AccessEntry[] => entries.filter(it => it.escalates !== undefined)

const RANK: Readonly<Record<AccessEntry['change'], number>> = { gained: 0, widened: 1, 'limited otherwise': 2, narrowed: 3, lost: 4 }

/** Escalations first, then what is gained, then what is lost. */
export function sortAccess(entries: readonly AccessEntry[]): readonly AccessEntry[] {
  return entries.toSorted(
    (a, b) =>
      Number(b.escalates !== undefined) - Number(a.escalates !== undefined) ||
      RANK[a.change] - RANK[b.change] ||
      compare(a.holders.join(), b.holders.join()) ||
      compare(a.path, b.path) ||
      compare(a.except.join(), b.except.join()) ||
      compare(a.capabilities.join(), b.capabilities.join()),
  )
}

const compare = (a: string, b: string): number => (a < b ? -1 : a > b ? 1 : 0)
