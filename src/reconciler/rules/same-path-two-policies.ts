import type { PathRule } from '../../hcl/index.ts'
import { heldSets, mergedRules, problemOf, twoPolicies } from './kit/index.ts'
import type { Problem, Rule } from './rule.ts'
import { labelAt } from './view/index.ts'

const limits: readonly (readonly [name: string, has: (rule: PathRule) => boolean])[] = [
  ['allowed_parameters', it => (it.allowedParameters?.size ?? 0) > 0],
  ['denied_parameters', it => (it.deniedParameters?.size ?? 0) > 0],
  ['required_parameters', it => it.requiredParameters !== undefined],
  ['min_wrapping_ttl', it => (it.minWrappingTtl ?? 0) > 0],
  ['max_wrapping_ttl', it => (it.maxWrappingTtl ?? 0) > 0],
  ['pagination_limit', it => (it.paginationLimit ?? 0) > 0],
]

export const samePathTwoPolicies: Rule = {
  id: 'same-path-two-policies',
  severity: 'warning',
  doc: 'Two policies that a role gives together have a rule for the same path, and one of them limits it.',
  why: 'The server makes one rule of both, and a limit of the one then holds for what the other allows: to give a token one policy more can take access away.',
  bad: twoPolicies(
    'path "secret/data/app" {\n  capabilities = ["read"]\n}\n',
    'path "secret/data/app" {\n  capabilities     = ["read"]\n  max_wrapping_ttl = "5m"\n}\n',
  ),
  good: twoPolicies(
    'path "secret/data/app" {\n  capabilities = ["read"]\n}\n',
    'path "secret/data/other" {\n  capabilities     = ["read"]\n  max_wrapping_ttl = "5m"\n}\n',
  ),
  *check(view) {
    const seen = new Set<string>()
    for (const { holder, policies } of heldSets(view)) {
      for (const group of mergedRules(policies)) {
        if (group.some(it => it.rule.isDeny)) continue
        for (const { rule, policy } of group) {
          const other = group.find(it => it.policy !== policy)
          const limited = limits.find(([, has]) => has(rule.rule) && group.some(it => it.policy !== policy && !has(it.rule.rule)))
          if (other === undefined || limited === undefined) continue
          const problem: Problem = problemOf(rule, `${limited[0]} of "${rule.path}" also limits what ${other.policy.name} allows`, {
            hint: `${holder.address} gives both policies, and the server makes one rule of the two`,
            related: [{ at: labelAt(other.rule), note: 'the other rule' }],
          })
          const key = `${problem.file}:${problem.at?.start.offset}`
          if (!seen.has(key)) yield problem
          seen.add(key)
        }
      }
    }
  },
}
