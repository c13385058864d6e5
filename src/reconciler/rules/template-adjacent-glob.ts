import { problemOf } from './kit/index.ts'
import type { Rule } from './rule.ts'
import { eachRuleBut } from './view/index.ts'

export const templateAdjacentGlob: Rule = {
  id: 'template-adjacent-glob',
  severity: 'error',
  doc: 'A * directly behind a template.',
  why: 'What the template stands for may begin what another identity has, bob and bobby, and metadata may be empty: then the rule is for everything beside it.',
  bad: 'path "kv/{{identity.entity.metadata.team}}*" {\n  capabilities = ["read"]\n}\n',
  good: 'path "kv/{{identity.entity.metadata.team}}/*" {\n  capabilities = ["read"]\n}\n',
  check: eachRuleBut(
    rule => !rule.path.endsWith('}}*'),
    function* (rule) {
      if (!rule.isDeny && rule.path.endsWith('}}*'))
        yield problemOf(rule, `"${rule.path}" fits what other identities have too`, { hint: 'write }}/* in place of }}*' })
    },
  ),
}
