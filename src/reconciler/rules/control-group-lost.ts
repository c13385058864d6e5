import { heldSets, mergedRules, problemAt, twoPolicies } from './kit/index.ts'
import type { Rule } from './rule.ts'
import { labelAt, type PolicyView } from './view/index.ts'

const group =
  '\n  control_group = {\n    factor "owners" {\n      controlled_capabilities = ["read"]\n      identity {\n        group_names = ["owners"]\n        approvals   = 1\n      }\n    }\n  }\n'

const hasControlGroup = ({ rules }: PolicyView): boolean => rules.some(it => it.rule.controlGroup !== undefined)

export const controlGroupLost: Rule = {
  id: 'control-group-lost',
  severity: 'error',
  doc: 'A control group on a rule that is merged behind another one for the same path.',
  why: 'Of rules for one path the server keeps the control group of the first alone, policies taken by name and rules in text order. If that has none, the data comes back without anybody approving.',
  bad: twoPolicies(
    'path "secret/data/app" {\n  capabilities = ["read"]\n}\n',
    `path "secret/data/app" {\n  capabilities = ["read"]${group}}\n`,
  ),
  good: twoPolicies(
    `path "secret/data/app" {\n  capabilities = ["read"]${group}}\n`,
    'path "secret/data/app" {\n  capabilities = ["read"]\n}\n',
  ),
  *check(view) {
    const seen = new Set<string>()
    const sets: readonly (readonly PolicyView[])[] = [...view.policies.map(it => [it]), ...heldSets(view).map(it => it.policies)]
    for (const policies of sets) {
      if (!policies.some(hasControlGroup)) continue
      for (const [first, ...later] of mergedRules(policies)) {
        if (first === undefined || first.rule.rule.controlGroup !== undefined) continue
        for (const { rule } of later) {
          if (rule.rule.controlGroup === undefined) continue
          const problem = problemAt(
            rule,
            'control_group',
            `the control group of "${rule.path}" is lost: the rule in ${first.policy.name} comes first and has none`,
            {
              hint: 'put it on the first of them, or merge the two',
              related: [{ at: labelAt(first.rule), note: 'this rule comes first' }],
            },
          )
          const key = `${problem.file}:${problem.at?.start.offset}`
          if (!seen.has(key)) yield problem
          seen.add(key)
        }
      }
    }
  },
}
