import { kv2PathOf, problemAt, withKv2 } from './kit/index.ts'
import type { Rule } from './rule.ts'
import { eachRuleBut } from './view/index.ts'

export const patchMissing: Rule = {
  id: 'patch-missing',
  severity: 'note',
  doc: 'read and update without patch on secrets of a kv mount of version 2.',
  why: 'Who may read a secret and write it can change one key of it by a patch, but the server asks for patch: without it, clients read all and write all, and two of them at once lose a change.',
  bad: withKv2('path "secret/data/app" {\n  capabilities = ["create", "read", "update"]\n}\n'),
  good: withKv2('path "secret/data/app" {\n  capabilities = ["create", "read", "update", "patch"]\n}\n'),
  check: eachRuleBut(
    rule => !rule.can('update') || rule.can('patch'),
    function* (rule, _policy, view) {
      if (!rule.can('update') || !rule.can('read') || rule.can('patch') || kv2PathOf(rule, view)?.part !== 'data') return
      yield problemAt(rule, 'capabilities', `"${rule.path}" can be written and not patched`, { hint: 'add patch' })
    },
  ),
}
