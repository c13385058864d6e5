import { kv2PathOf, problemAt, withKv2 } from './kit/index.ts'
import type { Rule } from './rule.ts'
import { eachRuleBut } from './view/index.ts'

export const kv2DeleteOnDataOnly: Rule = {
  id: 'kv2-delete-on-data-only',
  severity: 'note',
  doc: 'delete on data/ of a kv mount of version 2, and no rule for what goes with it.',
  why: 'It deletes the newest version and nothing more. To take that back is an update of undelete/, to remove it for good one of destroy/, to remove all versions a delete of metadata/.',
  bad: withKv2('path "secret/data/app/*" {\n  capabilities = ["create", "read", "update", "patch", "delete"]\n}\n'),
  good: withKv2(
    'path "secret/data/app/*" {\n  capabilities = ["create", "read", "update", "patch", "delete"]\n}\n\npath "secret/undelete/app/*" {\n  capabilities = ["update"]\n}\n',
  ),
  check: eachRuleBut(
    rule => !rule.can('delete'),
    function* (rule, policy, view) {
      const kv = kv2PathOf(rule, view)
      if (kv?.part !== 'data') return
      const others = [
        ['undelete', 'update'],
        ['destroy', 'update'],
        ['metadata', 'delete'],
      ] as const
      const some = policy.reach.witnesses(rule).some(path => {
        const rest = path.slice(kv.mount.length + 'data'.length)
        return others.some(([part, op]) => policy.reach.acl.decide({ path: kv.mount + part + rest, op, sudoPath: false }).allowed)
      })
      if (some) return
      yield problemAt(rule, 'capabilities', `delete at "${rule.path}" hides the newest version, and nothing else is allowed`, {
        hint: `allow update on "${kv.mount}undelete/${kv.rest}" to take it back, or delete on "${kv.mount}metadata/${kv.rest}"`,
      })
    },
  ),
}
