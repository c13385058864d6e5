import { heldSets, problemOf, twoPolicies } from './kit/index.ts'
import type { Rule } from './rule.ts'
import { labelAt, overlapping, reachOf, type RuleView } from './view/index.ts'

/** To ask every rule about every path takes long, and few policies that are held together speak of the same paths. */
const mayMeet = (a: RuleView, b: RuleView): boolean => a.isTemplated || b.isTemplated || overlapping(a.segments, b.segments)

export const denyOverridden: Rule = {
  id: 'deny-overridden',
  severity: 'warning',
  doc: 'A deny of one policy that a more specific rule of another one breaks through, where a role gives both.',
  why: 'A deny wins only against rules for the same path. A more specific rule answers first, whichever policy it stands in.',
  bad: twoPolicies('path "kv/*" {\n  capabilities = ["deny"]\n}\n', 'path "kv/app/*" {\n  capabilities = ["read"]\n}\n'),
  good: twoPolicies('path "kv/private/*" {\n  capabilities = ["deny"]\n}\n', 'path "kv/app/*" {\n  capabilities = ["read"]\n}\n'),
  *check(view) {
    const seen = new Set<string>()
    for (const { holder, policies } of heldSets(view)) {
      const denies = policies.flatMap(policy => policy.rules.flatMap(rule => (rule.isDeny && !rule.expired ? { policy, rule } : [])))
      if (denies.length === 0) continue
      const reach = reachOf(policies, policies[0]?.now ?? new Date(0))
      for (const policy of policies) {
        for (const rule of policy.rules) {
          if (rule.isDeny || rule.expired || rule.rule.capabilities.length === 0) continue
          const key = `${rule.tree.source.name}:${rule.tree.tokens.start(rule.item.keys[0] as number)}`
          if (seen.has(key) || !denies.some(it => it.policy !== policy && mayMeet(it.rule, rule))) continue
          for (const path of reach.witnesses(rule)) {
            const [first, second] = reach.acl.explain({ path, op: 'read', sudoPath: false }).candidates
            if (first?.rule.sources.some(it => reach.viewOf(it.rule) === rule) !== true) continue
            const denied = second?.rule.sources.find(it => it.rule.capabilities.includes('deny') && it.policy.name !== policy.name)
            const source = denied === undefined ? undefined : reach.viewOf(denied.rule)
            if (denied === undefined || source === undefined) continue
            seen.add(key)
            yield problemOf(rule, `"${rule.path}" is allowed although ${denied.policy.name} denies "${source.path}"`, {
              hint: `${holder.address} gives both policies, and the more specific rule answers`,
              related: [{ at: labelAt(source), note: 'the deny' }],
            })
            break
          }
        }
      }
    }
  },
}
