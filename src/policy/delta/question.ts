import { holdsRawBytes, toByteText } from '../byte-text.ts'
import type { MergedRule } from '../rule.ts'
import { type Part, type Pattern, patternOf, withSlash } from './pattern.ts'

/**
 * `plain`: of a read, a write, a delete. `listing`: of a list or a scan, which is always asked with a final slash, and which a rule
 * for the path without it may answer too. So the two look at different paths, and rules come in another order.
 */
export type Question = 'plain' | 'listing'

/** A rule as one question meets it: a rule may answer lists in two ways. */
export interface Entry {
  readonly rule: MergedRule
  readonly pattern: Pattern
  /** Of all that fit a path the greatest answers. */
  readonly order: number
}

/** Rules are fewer than this, so that their rank never reaches the next tier. */
const TIER = 2 ** 32

/** All ways in which rules answer the question, in no order. `inBytes`: some key of either side is no UTF-8. */
export function entriesOf(rules: readonly MergedRule[], question: Question, inBytes: boolean): readonly Entry[] {
  return rules.flatMap(rule => {
    const pattern = patternOf(rule, inBytes ? toByteText(rule.key) : rule.key)
    const isExact = rule.kind === 'exact'
    if (question === 'plain') return only({ rule, pattern, order: isExact ? TIER : rule.rank }, question)
    const asked = only({ rule, pattern, order: isExact ? 3 * TIER : TIER + rule.rank }, question)
    if (pattern.open) return asked
    return [...asked, ...only({ rule, pattern: withSlash(pattern), order: isExact ? 2 * TIER : rule.rank }, question)]
  })
}

export const anyInBytes = (rules: readonly MergedRule[]): boolean => rules.some(it => holdsRawBytes(it.key))

function only(entry: Entry, question: Question): readonly Entry[] {
  const pattern = asked(entry.pattern, question)
  return pattern === undefined ? [] : [{ ...entry, pattern }]
}

const END: Part = { text: '', whole: true }

/**
 * The paths of a pattern that can be asked for: none begins with a slash, since leading ones are taken away, and lists end with
 * one (or are of the empty path). Undefined if there is none.
 */
export function asked(pattern: Pattern, question: Question): Pattern | undefined {
  const { parts, open } = pattern
  const [first] = parts
  if (parts.length > 1 && first?.whole === true && first.text === '') return undefined
  if (open || question === 'plain') return pattern
  const last = parts.at(-1)
  if (last === undefined || last.text !== '') return undefined
  return last.whole ? pattern : { parts: [...parts.slice(0, -1), END], open }
}
