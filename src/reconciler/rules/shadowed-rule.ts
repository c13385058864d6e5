import type { Capability } from '../../hcl/index.ts'
import { capabilityNames } from '../../policy/index.ts'
import { answersOf, problemOf } from './kit/index.ts'
import type { Problem, Rule } from './rule.ts'
import { covers, eachRuleBut, labelAt, type PolicyView, type RuleView } from './view/index.ts'

export const shadowedRule: Rule = {
  id: 'shadowed-rule',
  severity: 'warning',
  doc: 'A rule that never answers, or whose capabilities are lost where a more specific rule answers.',
  why: 'Rules with different paths do not add up: for each request one rule answers, the most specific one, and what the others allow does not count.',
  bad: 'path "kv/app/*" {\n  capabilities = ["read", "update"]\n}\n\npath "kv/app/db" {\n  capabilities = ["delete"]\n}\n',
  good: 'path "kv/app/*" {\n  capabilities = ["read", "update"]\n}\n\npath "kv/app/db" {\n  capabilities = ["read", "update", "delete"]\n}\n',
  check: eachRuleBut(
    rule => rule.isDeny,
    function* (rule, policy): Generator<Problem> {
      const rivals = policy.reach.rivals(rule)
      if (rivals.length === 0) return
      const { answers, instead } = answersOf(rule, policy)
      if (!answers) {
        const related = instead === undefined ? {} : { related: [{ at: labelAt(instead), note: `"${instead.path}" answers` }] }
        yield problemOf(rule, `the rule for "${rule.path}" never answers`, {
          hint: 'remove it, or make its path more specific than the other',
          ...related,
        })
        return
      }
      if (rivals.some(it => addsAndLoses(rule, it))) yield* lostBeside(rule, policy)
    },
  ),
}

const addsAndLoses = (rule: RuleView, other: RuleView): boolean =>
  !other.isDeny &&
  covers(other.segments, rule.segments) &&
  rule.rule.capabilities.some(it => !other.can(it)) &&
  other.rule.capabilities.some(it => !rule.can(it))

/** A rule that adds a capability inside of a wider one, and lacks what that has, was meant to add to it. One that only narrows was not. */
function* lostBeside(rule: RuleView, policy: PolicyView): Generator<Problem> {
  const { reach } = policy
  for (const path of reach.witnesses(rule)) {
    // To explain asks every rule, to decide does not.
    const winner = reach.acl.decide({ path, op: 'read', sudoPath: false }).rule
    if (winner?.sources.some(it => reach.viewOf(it.rule) === rule) !== true) continue
    const { candidates } = reach.acl.explain({ path, op: 'read', sudoPath: false })
    const [first, second] = candidates
    const other = second?.rule
    if (first === undefined || other === undefined) continue
    const own = new Set<Capability>(capabilityNames(first.rule.capabilities))
    const wider = capabilityNames(other.capabilities)
    const lost = wider.filter(it => !own.has(it) && it !== 'deny')
    const added = [...own].filter(it => !wider.includes(it))
    const source = other.sources[0] === undefined ? undefined : reach.viewOf(other.sources[0].rule)
    if (wider.includes('deny') || lost.length === 0 || added.length === 0 || source === undefined) continue
    yield problemOf(rule, `"${rule.path}" adds ${added.join(', ')}, and loses ${lost.join(', ')} of "${source.path}"`, {
      hint: 'only the most specific rule counts: repeat in it what it should keep',
      related: [{ at: labelAt(source), note: 'the wider rule' }],
    })
    return
  }
}
