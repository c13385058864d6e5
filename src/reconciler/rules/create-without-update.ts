import { problemAt } from './kit/index.ts'
import type { Rule } from './rule.ts'
import { eachRuleBut } from './view/index.ts'

/** Below these an object is always there, or each write makes one. */
const single = /^(sys|auth|identity|cubbyhole)\//

export const createWithoutUpdate: Rule = {
  id: 'create-without-update',
  severity: 'warning',
  doc: 'create without update on secrets.',
  why: 'The first write is a create, and the second an update, which is refused: a rule with create alone can write each secret once.',
  bad: 'path "secret/data/app" {\n  capabilities = ["create", "read"]\n}\n',
  good: 'path "secret/data/app" {\n  capabilities = ["create", "read", "update", "patch"]\n}\n',
  check: eachRuleBut(
    rule => single.test(rule.path) || !rule.can('create') || rule.can('update'),
    function* (rule) {
      yield problemAt(rule, 'capabilities', `"${rule.path}" can be written once: create is there, and update is not`, {
        hint: 'add update',
      })
    },
  ),
}
