import { kv2PathOf, problemAt, withKv2 } from './kit/index.ts'
import type { Rule } from './rule.ts'
import { eachRuleBut } from './view/index.ts'

export const updateWithoutCreate: Rule = {
  id: 'update-without-create',
  severity: 'warning',
  doc: 'update without create on secrets.',
  why: 'The first write of a secret is a create: a rule with update alone can change only what somebody else has written.',
  bad: withKv2('path "secret/data/app" {\n  capabilities = ["read", "update", "patch"]\n}\n'),
  good: withKv2('path "secret/data/app" {\n  capabilities = ["create", "read", "update", "patch"]\n}\n'),
  check: eachRuleBut(
    rule => !rule.can('update') || rule.can('create'),
    function* (rule, _policy, view) {
      const isSecret = kv2PathOf(rule, view)?.part === 'data' || view.mountOf(rule.path)?.version === 1
      if (!isSecret) return
      yield problemAt(rule, 'capabilities', `"${rule.path}" cannot be written for the first time: update is there, and create is not`, {
        hint: 'add create',
      })
    },
  ),
}
