import { problemOf } from './kit/index.ts'
import type { Rule } from './rule.ts'
import { eachRuleBut } from './view/index.ts'

export const templateDeny: Rule = {
  id: 'template-deny',
  severity: 'warning',
  doc: 'A deny with a template in its path.',
  why: 'A rule whose template cannot be resolved is dropped. So the deny is gone for a token without an entity, or without that metadata.',
  bad: 'path "kv/{{identity.entity.metadata.team}}/private" {\n  capabilities = ["deny"]\n}\n',
  good: 'path "kv/+/private" {\n  capabilities = ["deny"]\n}\n',
  check: eachRuleBut(
    rule => !rule.isDeny || !rule.isTemplated,
    function* (rule) {
      yield problemOf(rule, `the deny of "${rule.path}" is gone for whoever lacks what it names`, { hint: 'deny with +, or allow less' })
    },
  ),
}
