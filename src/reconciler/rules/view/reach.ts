import { compileAcl, type Acl } from '../../../policy/index.ts'
import type { PathRule } from '../../../hcl/index.ts'
import type { RuleView } from './rule-view.ts'

export interface Group {
  readonly name: string
  readonly rules: readonly RuleView[]
}

/** Policies that are held together, as the server compiles them. */
export interface Reach {
  readonly acl: Acl
  /** Paths such that a rule answers for some path if and only if it answers for one of these. */
  witnesses(rule: RuleView): readonly string[]
  /** The rule of a text that stands behind one of the compiled rules. */
  viewOf(rule: PathRule): RuleView | undefined
}

/**
 * A template stands for a text that nobody knows yet, so it is compiled as one that no other rule names. Expired rules take no
 * part.
 */
export function reachOf(groups: readonly Group[], now: Date): Reach {
  const views = new Map<PathRule, RuleView>()
  const paths: string[] = []
  const policies = groups.map(({ name, rules }) => ({
    name,
    rules: rules.flatMap(view => {
      if (view.expired) return []
      const path = plainPath(view)
      const rule = view.isTemplated ? { ...view.rule, path } : view.rule
      views.set(rule, view)
      paths.push(path)
      return [rule]
    }),
  }))
  const acl = compileAcl(policies, { now })
  const depth = Math.max(1, ...paths.map(it => it.split('/').length)) + 1
  return { acl, witnesses: rule => witnessesOf(plainPath(rule), depth), viewOf: rule => views.get(rule) }
}

const plainPath = ({ path }: RuleView): string =>
  path.includes('{{') ? path.replaceAll(/\{\{.*?\}\}/g, it => `\u2039${it.slice(2, -2).trim()}\u203a`) : path

/** A segment that no policy names. */
const FRESH = '\u00a7'

/**
 * If a rule answers for a path at all, it also does when whatever its wildcards matched is replaced by segments that no rule
 * names: whoever fits the new path fits the old one. So one path for each number of segments will do, up to one more than the
 * longest rule has, each with a first segment that ends where the `*` begins and one that goes on.
 */
function witnessesOf(path: string, depth: number): readonly string[] {
  const filled = path
    .split('/')
    .map(it => (it === '+' ? FRESH : it))
    .join('/')
  if (!filled.endsWith('*')) return [filled]
  const head = filled.slice(0, -1)
  const found: string[] = []
  for (const begin of [head, head + FRESH]) {
    let longer = begin
    found.push(longer)
    for (let count = filled.split('/').length; count <= depth; count++) {
      found.push(`${longer}/`)
      longer += `/${FRESH}`
      found.push(longer)
    }
  }
  return found
}
