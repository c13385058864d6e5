import { kv2PathOf, problemAt, withKv2 } from './kit/index.ts'
import type { Rule } from './rule.ts'
import { eachRuleBut } from './view/index.ts'

export const kv2ListOnData: Rule = {
  id: 'kv2-list-on-data',
  severity: 'warning',
  doc: 'list on the data/ of a kv mount of version 2.',
  why: 'Names are listed under metadata/; a list of data/ is refused with 405 whatever the policy says.',
  bad: withKv2('path "secret/data/app/*" {\n  capabilities = ["read", "list"]\n}\n'),
  good: withKv2(
    'path "secret/data/app/*" {\n  capabilities = ["read"]\n}\n\npath "secret/metadata/app/*" {\n  capabilities = ["list"]\n}\n\npath "secret/metadata/app" {\n  capabilities = ["list"]\n}\n',
  ),
  check: eachRuleBut(
    rule => !(rule.can('list') || rule.can('scan')),
    function* (rule, _policy, view) {
      const kv = kv2PathOf(rule, view)
      if (kv?.part !== 'data') return
      yield problemAt(rule, 'capabilities', `nothing can be listed at "${rule.path}"`, {
        hint: `allow list on "${kv.mount}metadata/${kv.rest}"`,
      })
    },
  ),
}
