import { problemAt } from './kit/index.ts'
import type { Rule } from './rule.ts'
import { eachRuleBut } from './view/index.ts'

export const listNeedsParent: Rule = {
  id: 'list-needs-parent',
  severity: 'warning',
  doc: 'list on x/* that a rule for x takes away again.',
  why: 'To list the folder x is a request for x/, which x/* fits. But an exact rule for x or x/ answers first, and if it has no list, the folder cannot be listed, while those below it can.',
  bad: 'path "kv/dir" {\n  capabilities = ["read"]\n}\n\npath "kv/dir/*" {\n  capabilities = ["list"]\n}\n',
  good: 'path "kv/dir" {\n  capabilities = ["read", "list"]\n}\n\npath "kv/dir/*" {\n  capabilities = ["list"]\n}\n',
  check: eachRuleBut(
    rule => !rule.path.endsWith('/*') || rule.segments.includes('+') || !rule.can('list') || rule.isTemplated,
    function* (rule, policy) {
      const folder = rule.path.slice(0, -1)
      if (!policy.rules.some(it => it.path === folder || `${it.path}/` === folder)) return
      const decision = policy.reach.acl.decide({ path: folder, op: 'list', sudoPath: false })
      if (decision.allowed || decision.rule?.kind !== 'exact' || decision.reason !== 'missing-capability') return
      yield problemAt(
        rule,
        'capabilities',
        `the folder ${folder} itself cannot be listed: the rule for "${decision.rule.key}" answers first`,
        {
          hint: `add list to the rule for "${decision.rule.key}"`,
        },
      )
    },
  ),
}
