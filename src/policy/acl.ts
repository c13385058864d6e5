import { capabilityNames, DENY } from './capability.ts'
import { type Judge, judge, judgeOf } from './decide.ts'
import type { AccessQuery, AclFailure, Allowed, Decision, Denied } from './decision.ts'
import { type Explanation, explainDecision } from './explain.ts'
import { type FilteredList, type FilterPorts, filterQuery } from './list-filter.ts'
import { showsMount } from './mount-access.ts'
import { isListing, withoutLeadingSlashes } from './request-path.ts'
import { RuleIndex } from './rule-index.ts'
import type { DroppedRule, MergedRule } from './rule.ts'

/** What a token may do: one immutable value, made by `compileAcl`. Paths have the request's namespace in front. */
export interface Acl {
  /** Set where no request can be decided, because a policy cannot be used for this identity. */
  readonly failure?: AclFailure
  readonly root: boolean
  /** The last moment for which this value holds: behind it a rule expires (or a time in a path moves on). */
  readonly validUntil?: Date
  /** Merged, in the order in which their keys first appear. */
  readonly rules: readonly MergedRule[]
  readonly dropped: readonly DroppedRule[]
  decide(query: AccessQuery): Decision
  /** As sys/capabilities answers: sorted names, `['deny']` for none, `['root']` for a root token. */
  capabilities(path: string): readonly string[]
  explain(query: AccessQuery): Explanation
  /**
   * The keys of an allowed list that its filter lets through: those that the token may read, or list if they are folders.
   * @throws TemplateFailure, and then none may be shown
   */
  visibleKeys(list: FilteredList, ports: FilterPorts): readonly string[]
  /** Is the mount named to the token, because it may reach something there? The path ends in '/'. Limits do not count. */
  mayReachMount(mountPath: string): boolean
}

const NOTHING: readonly string[] = Object.freeze(['deny'])
const ROOT: readonly string[] = Object.freeze(['root'])
const NO_RULE: Denied = Object.freeze({ allowed: false, reason: 'no-rule' })
const OUTSIDE: Denied = Object.freeze({ allowed: false, reason: 'outside-namespace' })
const HELP: Allowed = Object.freeze({ allowed: true, grantedBy: [], sudo: false, root: false })

/** The `root` policy: everything at and below its namespace. */
export function rootAcl(namespace = ''): Acl {
  const answer: Allowed = Object.freeze({ allowed: true, grantedBy: [{ name: 'root', namespace }], sudo: true, root: true })
  const decide = ({ path }: AccessQuery): Decision => (withoutLeadingSlashes(path).startsWith(namespace) ? answer : OUTSIDE)
  return {
    root: true,
    rules: [],
    dropped: [],
    decide,
    capabilities: path => (withoutLeadingSlashes(path).startsWith(namespace) ? ROOT : NOTHING),
    explain: query => explainDecision([], [], query, decide(query)),
    visibleKeys: ({ keys }) => keys,
    mayReachMount: path => withoutLeadingSlashes(path).startsWith(namespace),
  }
}

/** An Acl that refuses everything, and knows why. */
export function brokenAcl(failure: AclFailure): Acl {
  const answer: Denied = Object.freeze({ allowed: false, reason: 'unusable', failure })
  return {
    failure,
    root: false,
    rules: [],
    dropped: [],
    decide: () => answer,
    capabilities: () => NOTHING,
    explain: query => explainDecision([], [], query, answer),
    visibleKeys: () => [],
    mayReachMount: () => false,
  }
}

export function rulesAcl(rules: readonly MergedRule[], dropped: readonly DroppedRule[], validUntil: Date | undefined): Acl {
  const index = new RuleIndex(rules.map(judgeOf))

  /** A list without the slash that lists have is asked like anything else. */
  const findAsList = (path: string): Judge | undefined => (path.endsWith('/') ? index.findListed(path) : index.find(path))

  function decide(query: AccessQuery): Decision {
    if (query.op === 'help') return HELP
    const path = withoutLeadingSlashes(query.path)
    // The empty path is the only one that gets no final slash.
    const found = isListing(query.op) && path !== '' ? index.findListed(path) : index.find(path)
    return found === undefined ? NO_RULE : judge(found, query)
  }

  function capabilities(path: string): readonly string[] {
    const bits = findAsList(withoutLeadingSlashes(path))?.rule.capabilities ?? 0
    return bits === 0 || bits === DENY ? NOTHING : capabilityNames(bits)
  }

  // A filter asks for the very path that it makes: no slash is added to it.
  const passes = (query: AccessQuery): boolean => {
    const path = withoutLeadingSlashes(query.path)
    const found = isListing(query.op) ? findAsList(path) : index.find(path)
    return found !== undefined && judge(found, query).allowed
  }

  return {
    root: false,
    ...(validUntil === undefined ? {} : { validUntil }),
    rules,
    dropped,
    decide,
    capabilities,
    explain: query => explainDecision(rules, dropped, query, decide(query)),
    visibleKeys: (list, ports) => list.keys.filter(key => passes(filterQuery(list, key, ports))),
    mayReachMount: path => capabilities(path) !== NOTHING || showsMount(rules, withoutLeadingSlashes(path)),
  }
}
