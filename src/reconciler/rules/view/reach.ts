import { compileAcl, type Acl } from '../../../policy/index.ts'
import type { PathRule } from '../../../hcl/index.ts'
import { overlapping } from './overlap.ts'
import type { RuleView } from './rule-view.ts'

export interface Group {
  readonly name: string
  readonly rules: readonly RuleView[]
}

/** Policies that are held together, as the server compiles them. */
export interface Reach {
  /** Compiled when it is first asked for: most policies have no two rules that meet. */
  readonly acl: Acl
  /** Paths such that a rule answers for some path if and only if it answers for one of these. */
  witnesses(rule: RuleView): IteratorObject<string>
  /** The other rules that fit some path which this one fits. */
  rivals(rule: RuleView): readonly RuleView[]
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
  const split = new Map<RuleView, readonly string[]>()
  const policies = groups.map(({ name, rules }) => ({
    name,
    rules: rules.flatMap(view => {
      if (view.expired) return []
      const path = plainPath(view)
      const rule = view.isTemplated ? { ...view.rule, path } : view.rule
      views.set(rule, view)
      paths.push(path)
      split.set(view, path.split('/'))
      return [rule]
    }),
  }))
  let acl: Acl | undefined
  const depth = Math.max(1, ...paths.map(it => it.split('/').length)) + 1
  return {
    get acl() {
      return (acl ??= compileAcl(policies, { now }))
    },
    witnesses: rule => witnessesOf(plainPath(rule), depth),
    rivals(rule) {
      const own = split.get(rule)
      const found: RuleView[] = []
      if (own !== undefined) for (const [other, parts] of split) if (other !== rule && overlapping(own, parts)) found.push(other)
      return found
    },
    viewOf: rule => views.get(rule),
  }
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
function* witnessesOf(path: string, depth: number): Generator<string, undefined> {
  const filled = path.includes('+') ? path.replaceAll(/(?<=^|\/)\+(?=\/|$)/g, FRESH) : path
  if (!filled.endsWith('*')) {
    yield filled
    return
  }
  const head = filled.slice(0, -1)
  const segments = filled.split('/').length
  for (const begin of [head + FRESH, head]) {
    let longer = begin
    yield longer
    for (let count = segments; count <= depth; count++) {
      yield `${longer}/`
      longer += `/${FRESH}`
      yield longer
    }
  }
}
