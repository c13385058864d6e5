import { problemOf, withKv2 } from './kit/index.ts'
import type { Rule } from './rule.ts'
import { eachRuleBut } from './view/index.ts'

export const slashStarMissesSelf: Rule = {
  id: 'slash-star-misses-self',
  severity: 'note',
  doc: 'A rule for x/* in a policy that elsewhere reads x as a secret of its own.',
  why: 'x/* fits what is below x, and not x itself. Where a role reads both, the secret x needs a rule of its own.',
  bad: withKv2(
    '# The secret secret/app, and those below it.\npath "secret/data/app/*" {\n  capabilities = ["read"]\n}\n\npath "secret/metadata/app" {\n  capabilities = ["read"]\n}\n',
  ),
  good: withKv2(
    '# The secret secret/app, and those below it.\npath "secret/data/app/*" {\n  capabilities = ["read"]\n}\n\npath "secret/data/app" {\n  capabilities = ["read"]\n}\n\npath "secret/metadata/app" {\n  capabilities = ["read"]\n}\n',
  ),
  // That x is a secret and no folder shows where the policy reads x's own metadata: a folder has none.
  check: eachRuleBut(
    rule => !rule.path.endsWith('/*'),
    function* (rule, policy) {
      const { path } = rule
      const at = path.indexOf('/data/')
      if (at < 0 || !path.endsWith('/*') || !rule.can('read')) return
      const self = path.slice(0, -2)
      const metadata = `${self.slice(0, at)}/metadata/${self.slice(at + '/data/'.length)}`
      const readsMetadata = policy.rules.some(it => it.path === metadata && it.can('read'))
      if (!readsMetadata || policy.reach.acl.decide({ path: self, op: 'read', sudoPath: false }).allowed) return
      yield problemOf(rule, `"${path}" does not fit ${self} itself`, { hint: `add a rule for "${self}" if it is a secret too` })
    },
  ),
}
